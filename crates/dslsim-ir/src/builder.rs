//! Building kernels: instructions are shared, folded and, unless strict, re-associated as they are made.
//!
//! Equal instructions become one. Constants are folded. Unless mathematics is to be strict, loop-invariant factors of products
//! are gathered into one (`dt*(a - b)/tau` becomes `(a - b)*(dt/tau)`, the factor computed once per run), divisions by invariants
//! become multiplications, and a few patterns become single functions (the logistic function). Results then differ from the text's order
//! of operations by rounding only.

use std::collections::HashMap;

use dslsim_math::{Fn1, Fn2, Fn3};

use crate::interp;
use crate::kernel::{
    Access, ArrayInput, Binary, Compare, Domain, Draw, DrawKind, IndexSlot, Inst, Kernel, Level,
    Prologue, ScalarInput, ScalarSlot, ScalarSource, Slot, Type, Unary, Val,
};
use crate::store::{ArrayId, IndexId};

/// Builds one kernel.
#[derive(Debug)]
pub struct Builder {
    strict: bool,
    insts: Vec<Inst>,
    types: Vec<Type>,
    levels: Vec<Level>,
    memo: HashMap<String, Val>,
    scalars: Vec<ScalarInput>,
    arrays: Vec<ArrayInput>,
    indices: Vec<IndexId>,
    draws: Vec<Draw>,
}

impl Builder {
    /// An empty kernel; `strict`: operations as written.
    pub fn new(strict: bool) -> Self {
        Builder {
            strict,
            insts: Vec::new(),
            types: Vec::new(),
            levels: Vec::new(),
            memo: HashMap::new(),
            scalars: Vec::new(),
            arrays: Vec::new(),
            indices: Vec::new(),
            draws: Vec::new(),
        }
    }

    /// Whether operations stay as written.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// The instruction that gives a value.
    pub fn inst(&self, v: Val) -> Inst {
        self.insts[v.0 as usize]
    }

    /// How often a value can change.
    pub fn level(&self, v: Val) -> Level {
        self.levels[v.0 as usize]
    }

    /// The array of a slot.
    pub fn array(&self, slot: Slot) -> Option<ArrayId> {
        self.arrays.get(slot.0 as usize).map(|a| a.array)
    }

    /// Where a scalar gets its value.
    pub fn source(&self, slot: ScalarSlot) -> Option<&ScalarSource> {
        self.scalars.get(slot.0 as usize).map(|s| &s.source)
    }

    /// The type of a value.
    pub fn ty(&self, v: Val) -> Type {
        self.types[v.0 as usize]
    }

    /// The number, if a value is a constant.
    pub fn known(&self, v: Val) -> Option<f64> {
        match self.inst(v) {
            Inst::Const(x) => Some(x),
            Inst::Bool(b) => Some(f64::from(u8::from(b))),
            _ => None,
        }
    }

    fn is(&self, v: Val, x: f64) -> bool {
        self.known(v) == Some(x)
    }

    fn invariant(&self, v: Val) -> bool {
        self.level(v) < Level::Element
    }

    fn push(&mut self, inst: Inst, ty: Type) -> Val {
        let mut level = match inst {
            Inst::Const(_) | Inst::Bool(_) => Level::Run,
            Inst::Scalar(s) | Inst::ScalarBool(s) => self.scalars[s.0 as usize].level,
            Inst::Element
            | Inst::Index(_)
            | Inst::Load(..)
            | Inst::LoadBool(..)
            | Inst::Bit(_)
            | Inst::Store { .. }
            | Inst::Emit(_) => Level::Element,
            _ => Level::Run,
        };
        inst.operands(|v| level = level.max(self.levels[v.0 as usize]));
        let key = match inst {
            Inst::Const(x) => Some(format!("c{:x}", x.to_bits())),
            _ if inst.is_effect() => None,
            _ => Some(format!("{inst:?}")),
        };
        if let Some(found) = key.as_ref().and_then(|k| self.memo.get(k)) {
            return *found;
        }
        if !matches!(inst, Inst::Const(_) | Inst::Bool(_))
            && let Some(x) = interp::fold(&inst, |v| self.known(v))
        {
            return self.push(interp::constant(x, ty), ty);
        }
        let v = Val(self.insts.len() as u32);
        self.insts.push(inst);
        self.types.push(ty);
        self.levels.push(level);
        if let Some(key) = key {
            self.memo.insert(key, v);
        }
        v
    }

    /// A number.
    pub fn num(&mut self, x: f64) -> Val {
        self.push(Inst::Const(x), Type::Num)
    }

    /// A truth value.
    pub fn truth(&mut self, b: bool) -> Val {
        self.push(Inst::Bool(b), Type::Bool)
    }

    /// A loop-invariant number.
    pub fn scalar(&mut self, source: ScalarSource, level: Level) -> Val {
        let slot = self.scalar_slot(source, level);
        self.push(Inst::Scalar(slot), Type::Num)
    }

    /// A loop-invariant truth value.
    pub fn scalar_bool(&mut self, source: ScalarSource, level: Level) -> Val {
        let slot = self.scalar_slot(source, level);
        self.push(Inst::ScalarBool(slot), Type::Bool)
    }

    fn scalar_slot(&mut self, source: ScalarSource, level: Level) -> ScalarSlot {
        let found = match source {
            ScalarSource::Derived => None,
            _ => self.scalars.iter().position(|s| s.source == source),
        };
        let at = found.unwrap_or_else(|| {
            self.scalars.push(ScalarInput { source, level });
            self.scalars.len() - 1
        });
        ScalarSlot(at as u16)
    }

    /// The slot of an array.
    pub fn slot(&mut self, name: &str, array: ArrayId) -> Slot {
        let at = self
            .arrays
            .iter()
            .position(|a| a.array == array)
            .unwrap_or_else(|| {
                self.arrays.push(ArrayInput {
                    name: name.into(),
                    array,
                    written: false,
                });
                self.arrays.len() - 1
            });
        Slot(at as u16)
    }

    /// The slot of an index table.
    pub fn table(&mut self, table: IndexId) -> IndexSlot {
        let at = self
            .indices
            .iter()
            .position(|t| *t == table)
            .unwrap_or_else(|| {
                self.indices.push(table);
                self.indices.len() - 1
            });
        IndexSlot(at as u16)
    }

    /// The number of the element.
    pub fn element(&mut self) -> Val {
        self.push(Inst::Element, Type::Num)
    }

    /// The entry of an index table at the element.
    pub fn index(&mut self, table: IndexId) -> Val {
        let slot = self.table(table);
        self.push(Inst::Index(slot), Type::Num)
    }

    /// A value from an array.
    pub fn load(&mut self, slot: Slot, access: Access, ty: Type) -> Val {
        let inst = if ty == Type::Bool {
            Inst::LoadBool(slot, access)
        } else {
            Inst::Load(slot, access)
        };
        self.push(inst, ty)
    }

    /// A random number for each element; `array` will hold them.
    pub fn draw(&mut self, kind: DrawKind, array: ArrayId) -> Val {
        let slot = self.slot("random", array);
        self.draws.push(Draw {
            kind,
            slot,
            mean: None,
            only: None,
        });
        self.load(slot, Access::Position, Type::Num)
    }

    /// A random number for each element, with arrays that an earlier kernel has written: the means of Poisson numbers, and
    /// where to draw.
    pub fn draw_given(
        &mut self,
        kind: DrawKind,
        array: ArrayId,
        mean: Option<ArrayId>,
        only: Option<ArrayId>,
    ) -> Val {
        let slot = self.slot("random", array);
        let mean = mean.map(|mean| self.slot("mean", mean));
        let only = only.map(|only| self.slot("where", only));
        self.draws.push(Draw {
            kind,
            slot,
            mean,
            only,
        });
        self.load(slot, Access::Position, Type::Num)
    }

    /// The element of a table at a computed place.
    pub fn lookup(&mut self, table: ArrayId, at: Val) -> Val {
        let slot = self.slot("table", table);
        self.push(Inst::Lookup(slot, at), Type::Num)
    }

    /// `a / b`, rounded once, whatever is known of `a` and `b`.
    pub fn div_once(&mut self, a: Val, b: Val) -> Val {
        self.push(Inst::Binary(Binary::Div, a, b), Type::Num)
    }

    /// The draws so far: they are made elsewhere.
    pub fn take_draws(&mut self) -> Vec<Draw> {
        std::mem::take(&mut self.draws)
    }

    /// Number of draws so far.
    pub fn draw_count(&self) -> usize {
        self.draws.len()
    }

    /// Forgets the draws after the first `count`: what used them is not used.
    pub fn forget_draws(&mut self, count: usize) {
        self.draws.truncate(count);
    }

    /// Writes an array.
    pub fn store(&mut self, slot: Slot, access: Access, value: Val, mask: Option<Val>) {
        self.arrays[slot.0 as usize].written = true;
        self.push(
            Inst::Store {
                slot,
                access,
                value,
                mask,
            },
            Type::Unit,
        );
    }

    /// Emits the element where the condition holds.
    pub fn emit(&mut self, condition: Val) {
        self.push(Inst::Emit(condition), Type::Unit);
    }

    /// `-a`
    pub fn neg(&mut self, a: Val) -> Val {
        match self.inst(a) {
            Inst::Unary(Unary::Neg, b) => b,
            Inst::Binary(Binary::Sub, x, y) => self.sub(y, x),
            Inst::Binary(Binary::Mul, x, s) if self.invariant(s) && !self.invariant(x) => {
                let s = self.neg(s);
                self.push(Inst::Binary(Binary::Mul, x, s), Type::Num)
            }
            _ => self.push(Inst::Unary(Unary::Neg, a), Type::Num),
        }
    }

    /// A function of one number among [`Unary`].
    pub fn unary(&mut self, op: Unary, a: Val) -> Val {
        match (op, self.inst(a)) {
            (Unary::Neg, _) => self.neg(a),
            (
                Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round,
                Inst::Unary(Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round, _)
                | Inst::ToNum(_)
                | Inst::Element
                | Inst::Index(_),
            ) => a,
            _ => self.push(Inst::Unary(op, a), Type::Num),
        }
    }

    /// `a + b`
    pub fn add(&mut self, a: Val, b: Val) -> Val {
        if self.is(a, 0.0) {
            return b;
        }
        if self.is(b, 0.0) {
            return a;
        }
        if let Inst::Unary(Unary::Neg, b) = self.inst(b) {
            return self.sub(a, b);
        }
        if let Inst::Unary(Unary::Neg, a) = self.inst(a) {
            return self.sub(b, a);
        }
        if let Some((x, y, s)) = self.common_factor(a, b) {
            let sum = self.add(x, y);
            return self.mul(sum, s);
        }
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        self.push(Inst::Binary(Binary::Add, a, b), Type::Num)
    }

    /// `a - b`
    pub fn sub(&mut self, a: Val, b: Val) -> Val {
        if self.is(b, 0.0) {
            return a;
        }
        if self.is(a, 0.0) {
            return self.neg(b);
        }
        if a == b && !self.strict {
            return self.num(0.0);
        }
        if let Inst::Unary(Unary::Neg, b) = self.inst(b) {
            return self.add(a, b);
        }
        if let Some((x, y, s)) = self.common_factor(a, b) {
            let difference = self.sub(x, y);
            return self.mul(difference, s);
        }
        self.push(Inst::Binary(Binary::Sub, a, b), Type::Num)
    }

    /// `x*s` and `y*s` with the same invariant `s`.
    fn common_factor(&self, a: Val, b: Val) -> Option<(Val, Val, Val)> {
        if self.strict {
            return None;
        }
        match (self.inst(a), self.inst(b)) {
            (Inst::Binary(Binary::Mul, x, s), Inst::Binary(Binary::Mul, y, r))
                if s == r && self.invariant(s) && !self.invariant(x) && !self.invariant(y) =>
            {
                Some((x, y, s))
            }
            _ => None,
        }
    }

    /// `a * b`
    pub fn mul(&mut self, a: Val, b: Val) -> Val {
        // Invariants stand second.
        let (a, b) = match (self.invariant(a), self.invariant(b)) {
            (true, false) => (b, a),
            (false, true) => (a, b),
            _ => {
                if a <= b {
                    (a, b)
                } else {
                    (b, a)
                }
            }
        };
        for (x, y) in [(a, b), (b, a)] {
            match self.known(y) {
                Some(1.0) => return x,
                Some(0.0) => return self.num(0.0),
                Some(-1.0) => return self.neg(x),
                _ => {}
            }
        }
        match (self.inst(a), self.inst(b)) {
            (Inst::Unary(Unary::Neg, x), Inst::Unary(Unary::Neg, y)) => return self.mul(x, y),
            (Inst::Unary(Unary::Neg, x), _) | (_, Inst::Unary(Unary::Neg, x)) => {
                let other = if matches!(self.inst(a), Inst::Unary(Unary::Neg, _)) {
                    b
                } else {
                    a
                };
                let product = self.mul(x, other);
                return self.neg(product);
            }
            _ => {}
        }
        if !self.strict {
            if self.invariant(a) && self.invariant(b) {
                return self.invariant_product(a, b);
            }
            let (x, s) = self.factored(a);
            let (y, r) = self.factored(b);
            match (s, r) {
                (None, None) => {}
                (s, r) => {
                    let one = self.num(1.0);
                    let factor = self.mul(s.unwrap_or(one), r.unwrap_or(one));
                    let body = match (x, y) {
                        (Some(x), Some(y)) => self.mul(x, y),
                        (Some(x), None) | (None, Some(x)) => x,
                        (None, None) => return factor,
                    };
                    return if self.is(factor, 1.0) {
                        body
                    } else if self.is(factor, -1.0) {
                        self.neg(body)
                    } else {
                        self.push(Inst::Binary(Binary::Mul, body, factor), Type::Num)
                    };
                }
            }
        }
        self.push(Inst::Binary(Binary::Mul, a, b), Type::Num)
    }

    /// A value as (varying part, invariant factor).
    fn factored(&self, v: Val) -> (Option<Val>, Option<Val>) {
        if self.invariant(v) {
            return (None, Some(v));
        }
        match self.inst(v) {
            Inst::Binary(Binary::Mul, x, s) if self.invariant(s) => (Some(x), Some(s)),
            _ => (Some(v), None),
        }
    }

    /// A product of invariants, common factors of numerator and denominator cancelled.
    fn invariant_product(&mut self, a: Val, b: Val) -> Val {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        self.factors(a, &mut above, &mut below);
        self.factors(b, &mut above, &mut below);
        let mut k = 0;
        while k < above.len() {
            let cancels = below
                .iter()
                .position(|d| *d == above[k] && self.known(*d).is_none());
            if let Some(at) = cancels {
                above.remove(k);
                below.remove(at);
            } else {
                k += 1;
            }
        }
        above.sort_unstable();
        below.sort_unstable();
        let mut product = self.num(1.0);
        for x in above {
            product = if self.is(product, 1.0) {
                x
            } else {
                self.push(Inst::Binary(Binary::Mul, product, x), Type::Num)
            };
        }
        for x in below {
            product = self.push(Inst::Binary(Binary::Div, product, x), Type::Num);
        }
        product
    }

    fn factors(&self, v: Val, above: &mut Vec<Val>, below: &mut Vec<Val>) {
        match self.inst(v) {
            Inst::Binary(Binary::Mul, a, b) => {
                self.factors(a, above, below);
                self.factors(b, above, below);
            }
            Inst::Binary(Binary::Div, a, b) => {
                self.factors(a, above, below);
                self.factors(b, below, above);
            }
            Inst::Const(1.0) => {}
            _ => above.push(v),
        }
    }

    /// `a / b`
    pub fn div(&mut self, a: Val, b: Val) -> Val {
        if self.is(b, 1.0) {
            return a;
        }
        if self.is(a, 0.0) && self.known(b) != Some(0.0) {
            return self.num(0.0);
        }
        if let Inst::Unary(Unary::Neg, x) = self.inst(a) {
            let quotient = self.div(x, b);
            return self.neg(quotient);
        }
        if self.strict {
            return self.push(Inst::Binary(Binary::Div, a, b), Type::Num);
        }
        if self.invariant(b) {
            let one = self.num(1.0);
            let reciprocal = self.push(Inst::Binary(Binary::Div, one, b), Type::Num);
            if self.invariant(a) && self.known(a).is_some() && self.known(b).is_some() {
                return self.push(Inst::Binary(Binary::Div, a, b), Type::Num);
            }
            return self.mul(a, reciprocal);
        }
        if self.is(a, 1.0)
            && let Inst::Math1(Fn1::Exprel, x) = self.inst(b)
        {
            return self.push(Inst::Math1(Fn1::InverseExprel, x), Type::Num);
        }
        if self.is(a, 1.0)
            && let Inst::Binary(Binary::Add, x, y) = self.inst(b)
        {
            // 1/(1 + exp(z)) = logistic(-z)
            for (one, e) in [(x, y), (y, x)] {
                if self.is(one, 1.0)
                    && let Inst::Math1(Fn1::Exp, z) = self.inst(e)
                {
                    let z = self.neg(z);
                    return self.push(Inst::Math1(Fn1::Logistic, z), Type::Num);
                }
            }
        }
        if let (Some(x), Some(s)) = self.factored(a) {
            let quotient = self.div(x, b);
            return self.mul(quotient, s);
        }
        if self.invariant(a) && !self.is(a, 1.0) {
            let one = self.num(1.0);
            let reciprocal = self.div(one, b);
            if matches!(self.inst(reciprocal), Inst::Math1(..)) {
                return self.mul(reciprocal, a);
            }
        }
        self.push(Inst::Binary(Binary::Div, a, b), Type::Num)
    }

    /// Python's `a % b`
    pub fn modulo(&mut self, a: Val, b: Val) -> Val {
        self.push(Inst::Binary(Binary::Mod, a, b), Type::Num)
    }

    /// The smaller; NaN of `a` passes.
    pub fn min(&mut self, a: Val, b: Val) -> Val {
        if a == b {
            a
        } else {
            self.push(Inst::Binary(Binary::Min, a, b), Type::Num)
        }
    }

    /// The larger; NaN of `a` passes.
    pub fn max(&mut self, a: Val, b: Val) -> Val {
        if a == b {
            a
        } else {
            self.push(Inst::Binary(Binary::Max, a, b), Type::Num)
        }
    }

    /// A mathematical function.
    pub fn math(&mut self, f: Fn1, a: Val) -> Val {
        self.push(Inst::Math1(f, a), Type::Num)
    }

    /// A mathematical function of two numbers, as it is.
    pub fn math2(&mut self, f: Fn2, a: Val, b: Val) -> Val {
        self.push(Inst::Math2(f, a, b), Type::Num)
    }

    /// `a ** b`
    pub fn pow(&mut self, a: Val, b: Val) -> Val {
        let Some(e) = self.known(b) else {
            return self.push(Inst::Math2(Fn2::Pow, a, b), Type::Num);
        };
        if e == 0.5 {
            return self.unary(Unary::Sqrt, a);
        }
        if e == -0.5 {
            let root = self.unary(Unary::Sqrt, a);
            let one = self.num(1.0);
            return self.div(one, root);
        }
        if e.fract() != 0.0 || e.abs() > 16.0 {
            return self.push(Inst::Math2(Fn2::Pow, a, b), Type::Num);
        }
        let mut power = self.num(1.0);
        let mut square = a;
        let mut rest = e.abs() as u32;
        while rest > 0 {
            if rest & 1 == 1 {
                power = self.mul(power, square);
            }
            rest >>= 1;
            if rest > 0 {
                square = self.mul(square, square);
            }
        }
        if e < 0.0 {
            let one = self.num(1.0);
            return self.div(one, power);
        }
        power
    }

    /// `(x + ba)*exp(adt) - ba`
    pub fn exponential_euler(&mut self, x: Val, ba: Val, adt: Val) -> Val {
        if self.strict || self.invariant(adt) {
            let factor = self.math(Fn1::Exp, adt);
            let shifted = self.add(x, ba);
            let decayed = self.mul(shifted, factor);
            return self.sub(decayed, ba);
        }
        self.push(Inst::Math3(Fn3::ExpEuler, x, ba, adt), Type::Num)
    }

    /// A comparison.
    pub fn compare(&mut self, op: Compare, a: Val, b: Val) -> Val {
        self.push(Inst::Compare(op, a, b), Type::Bool)
    }

    /// `a and b`
    pub fn and(&mut self, a: Val, b: Val) -> Val {
        match (self.inst(a), self.inst(b)) {
            (Inst::Bool(true), _) => b,
            (_, Inst::Bool(true)) => a,
            _ if a == b => a,
            _ => self.push(Inst::And(a, b), Type::Bool),
        }
    }

    /// `a or b`
    pub fn or(&mut self, a: Val, b: Val) -> Val {
        match (self.inst(a), self.inst(b)) {
            (Inst::Bool(false), _) => b,
            (_, Inst::Bool(false)) => a,
            _ if a == b => a,
            _ => self.push(Inst::Or(a, b), Type::Bool),
        }
    }

    /// `not a`
    pub fn not(&mut self, a: Val) -> Val {
        match self.inst(a) {
            Inst::Not(b) => b,
            _ => self.push(Inst::Not(a), Type::Bool),
        }
    }

    /// `a` where the condition holds, else `b`
    pub fn select(&mut self, condition: Val, a: Val, b: Val) -> Val {
        match self.inst(condition) {
            Inst::Bool(true) => a,
            Inst::Bool(false) => b,
            _ if a == b => a,
            _ => {
                let ty = self.ty(a);
                self.push(Inst::Select(condition, a, b), ty)
            }
        }
    }

    /// 1.0 or 0.0
    pub fn to_num(&mut self, a: Val) -> Val {
        self.push(Inst::ToNum(a), Type::Num)
    }

    /// A kernel that computes some of this one's values and writes each into an array; this one goes on.
    pub fn extract(&self, name: &str, values: &[(Val, ArrayId)]) -> Kernel {
        self.part(name, values, Access::Element, Domain::All)
    }

    /// Like [`Builder::extract`], over any domain and with any access.
    pub fn part(
        &self,
        name: &str,
        values: &[(Val, ArrayId)],
        access: Access,
        domain: Domain,
    ) -> Kernel {
        let mut part = Builder {
            strict: self.strict,
            insts: self.insts.clone(),
            types: self.types.clone(),
            levels: self.levels.clone(),
            memo: HashMap::new(),
            scalars: self.scalars.clone(),
            arrays: self.arrays.clone(),
            indices: self.indices.clone(),
            draws: Vec::new(),
        };
        for (value, array) in values {
            let slot = part.slot("coefficient", *array);
            part.store(slot, access, *value, None);
        }
        part.finish(name, domain)
    }

    /// The finished kernel: what is not used is dropped, what does not depend on the element moves to the prologues.
    pub fn finish(self, name: &str, domain: Domain) -> Kernel {
        let mut used = vec![false; self.insts.len()];
        for (k, inst) in self.insts.iter().enumerate().rev() {
            if inst.is_effect() || used[k] {
                inst.operands(|v| used[v.0 as usize] = true);
            }
            used[k] |= inst.is_effect();
        }
        let mut out = Finish {
            from: &self,
            scalars: self.scalars.clone(),
            run: Prologue::default(),
            step: Prologue::default(),
            body: Vec::new(),
        };
        let mut maps = [HashMap::new(), HashMap::new(), HashMap::new()];
        for (k, inst) in self.insts.iter().enumerate() {
            if used[k] && self.levels[k] == Level::Element {
                let moved = inst.map(|v| out.place(v, Level::Element, &mut maps));
                let at = Val(out.body.len() as u32);
                out.body.push(moved);
                maps[2].insert(Val(k as u32), at);
            }
        }
        let (run_prologue, step_prologue, insts, mut scalars) =
            (out.run, out.step, out.body, out.scalars);
        scalars.shrink_to_fit();
        let mut kernel = Kernel {
            name: name.into(),
            domain,
            scalars,
            arrays: self.arrays,
            indices: self.indices,
            draws: self.draws,
            run_prologue,
            step_prologue,
            insts,
        };
        drop_unused_arrays(&mut kernel);
        kernel
    }
}

/// Sorting instructions into prologues and body.
struct Finish<'a> {
    from: &'a Builder,
    scalars: Vec<ScalarInput>,
    run: Prologue,
    step: Prologue,
    body: Vec<Inst>,
}

impl Finish<'_> {
    /// The value that stands for `v` in the code of `level`.
    fn place(&mut self, v: Val, level: Level, maps: &mut [HashMap<Val, Val>; 3]) -> Val {
        let row = level as usize;
        if let Some(found) = maps[row].get(&v) {
            return *found;
        }
        let inst = self.from.inst(v);
        let own = self.from.level(v);
        let simple = matches!(
            inst,
            Inst::Const(_) | Inst::Bool(_) | Inst::Scalar(_) | Inst::ScalarBool(_)
        );
        let moved = if own == level || simple {
            inst.map(|o| self.place(o, level, maps))
        } else {
            // Computed at a slower level: its result becomes a scalar.
            let value = self.place(v, own, maps);
            let slot = ScalarSlot(self.scalars.len() as u16);
            self.scalars.push(ScalarInput {
                source: ScalarSource::Derived,
                level: own,
            });
            let prologue = if own == Level::Run {
                &mut self.run
            } else {
                &mut self.step
            };
            prologue.results.push((value, slot));
            if self.from.ty(v) == Type::Bool {
                Inst::ScalarBool(slot)
            } else {
                Inst::Scalar(slot)
            }
        };
        let list = match level {
            Level::Run => &mut self.run.insts,
            Level::Step => &mut self.step.insts,
            Level::Element => &mut self.body,
        };
        list.push(moved);
        let at = Val(list.len() as u32 - 1);
        maps[row].insert(v, at);
        at
    }
}

/// Arrays and tables that only dropped instructions used.
fn drop_unused_arrays(kernel: &mut Kernel) {
    let mut used = vec![false; kernel.arrays.len()];
    let lists = [
        &kernel.insts,
        &kernel.run_prologue.insts,
        &kernel.step_prologue.insts,
    ];
    for inst in lists.into_iter().flatten() {
        if let Inst::Load(s, _)
        | Inst::LoadBool(s, _)
        | Inst::Bit(s)
        | Inst::Lookup(s, _)
        | Inst::Store { slot: s, .. } = inst
        {
            used[s.0 as usize] = true;
        }
    }
    for draw in &kernel.draws {
        used[draw.slot.0 as usize] = true;
        for given in [draw.mean, draw.only].into_iter().flatten() {
            used[given.0 as usize] = true;
        }
    }
    let mut new = vec![Slot(0); used.len()];
    let mut next = 0;
    for (k, u) in used.iter().enumerate() {
        new[k] = Slot(next);
        next += u16::from(*u);
    }
    let renumber = |s: Slot| new[s.0 as usize];
    let lists = [
        &mut kernel.insts,
        &mut kernel.run_prologue.insts,
        &mut kernel.step_prologue.insts,
    ];
    for inst in lists.into_iter().flatten() {
        if let Inst::Load(s, _)
        | Inst::LoadBool(s, _)
        | Inst::Bit(s)
        | Inst::Lookup(s, _)
        | Inst::Store { slot: s, .. } = inst
        {
            *s = renumber(*s);
        }
    }
    for draw in &mut kernel.draws {
        draw.slot = renumber(draw.slot);
        draw.mean = draw.mean.map(renumber);
        draw.only = draw.only.map(renumber);
    }
    let mut k = 0;
    kernel.arrays.retain(|_| {
        k += 1;
        used[k - 1]
    });
}
