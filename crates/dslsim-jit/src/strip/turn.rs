//! One turn of a strip's loop: a group of elements.
//!
//! A turn takes [`UNROLL`] vectors at once, each operation for all of them before the next one: Cranelift's optimiser is off
//! and keeps this order. All values are `F64X2`, masks too. Addresses are `base + byte offset`, with the base addresses loaded
//! before the loop. Loads stand where they are used, so that they become operands; a loaded value is used again only
//! if that is within a few steps, lest registers run out.

use cranelift_codegen::ir::{Inst, InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::kernel::{IndexSlot, Slot};

use super::Plan;
use super::graph::{Id, Node};
use super::schedule::{Home, Step};
use super::value::Lanes;
use crate::abi::{Layout, Pointer, Splat};
use crate::emission::{Parameters, load_before, state, table};

/// Vectors per turn of a loop.
pub(super) const UNROLL: usize = 2;

/// For how many steps a loaded value is kept in a register.
const KEEP: usize = 8;

/// A value for all vectors of a turn.
pub(super) type Group = [Value; UNROLL];

/// One turn of a loop: the values of a group of elements.
pub(super) struct Turn<'a> {
    pub plan: &'a Plan,
    pub layout: &'a mut Layout,
    pub parameters: Parameters,
    pub stride: i64,
    pub scratch: Value,
    /// The jump into the loop: base addresses are loaded before it.
    pub entry: Inst,
    /// The byte offset of the group.
    pub at: Value,
    pub bases: Vec<(Pointer, Value)>,
    /// Values at hand, and the step until which they may be used.
    pub cache: Vec<Option<(Group, usize)>>,
    pub step: usize,
}

impl Turn<'_> {
    fn base(&mut self, b: &mut FunctionBuilder<'_>, pointer: Pointer) -> Value {
        if let Some((_, base)) = self.bases.iter().find(|(p, _)| *p == pointer) {
            return *base;
        }
        let offset = self.layout.pointer(pointer);
        let base = load_before(b, self.entry, self.parameters.pointers, offset);
        self.bases.push((pointer, base));
        base
    }

    /// Computes a value, and writes it to its home if that is scratch memory.
    pub(super) fn compute(&mut self, b: &mut FunctionBuilder<'_>, id: Id) {
        let value = self.operation(b, id);
        let until = if self.plan.schedule.free[id] {
            self.step
        } else {
            usize::MAX
        };
        self.cache[id] = Some((value, until));
        if let Home::Scratch(buffer) = self.plan.schedule.home[id] {
            let at = b.ins().iadd(self.scratch, self.at);
            let offset = buffer as i64 * self.stride;
            for (k, v) in value.into_iter().enumerate() {
                b.ins()
                    .store(state().with_aligned(), v, at, offset as i32 + 16 * k as i32);
            }
        }
    }

    /// Writes arrays.
    pub(super) fn store_all(&mut self, b: &mut FunctionBuilder<'_>, stores: &[Step]) {
        let mut values = Vec::with_capacity(stores.len());
        for step in stores {
            if let Step::Store(slot, id) = *step {
                values.push((slot, self.get(b, id)));
            }
        }
        for (slot, value) in values {
            self.layout.touch(slot, true);
            let base = self.base(b, Pointer::Array(slot));
            let at = b.ins().iadd(base, self.at);
            for (k, v) in value.into_iter().enumerate() {
                b.ins().store(state().with_aligned(), v, at, 16 * k as i32);
            }
        }
    }

    /// A value, from a register or from memory, or computed again.
    fn get(&mut self, b: &mut FunctionBuilder<'_>, id: Id) -> Group {
        if let Some((value, until)) = self.cache[id]
            && self.step <= until
        {
            return value;
        }
        let value = match self.plan.schedule.home[id] {
            _ if self.plan.schedule.free[id] => self.operation(b, id),
            Home::Array(slot) => self.load(b, slot),
            Home::Scratch(buffer) => {
                let at = b.ins().iadd(self.scratch, self.at);
                let offset = buffer as i64 * self.stride;
                group(|k| {
                    b.ins().load(
                        types::F64X2,
                        state().with_aligned(),
                        at,
                        offset as i32 + 16 * k as i32,
                    )
                })
            }
            // Only what this loop has computed has no home.
            Home::None => self.operation(b, id),
        };
        self.cache[id] = Some((value, self.step + KEEP));
        value
    }

    fn load(&mut self, b: &mut FunctionBuilder<'_>, slot: Slot) -> Group {
        self.layout.touch(slot, false);
        let base = self.base(b, Pointer::Array(slot));
        let at = b.ins().iadd(base, self.at);
        group(|k| {
            b.ins()
                .load(types::F64X2, state().with_aligned(), at, 16 * k as i32)
        })
    }

    fn splat(&mut self, b: &mut FunctionBuilder<'_>, splat: Splat) -> Group {
        let offset = self.layout.splat(splat);
        group(|_| {
            b.ins()
                .load(types::F64X2, table(), self.parameters.scalars, offset)
        })
    }

    /// The entries of an index table, two for each vector.
    fn entries(&mut self, b: &mut FunctionBuilder<'_>, index: IndexSlot) -> [[Value; 2]; UNROLL] {
        let base = self.base(b, Pointer::Table(index));
        let half = b.ins().ushr_imm_u(self.at, 1);
        let at = b.ins().iadd(base, half);
        std::array::from_fn(|k| {
            std::array::from_fn(|j| b.ins().uload32(table(), at, 8 * k as i32 + 4 * j as i32))
        })
    }

    fn operation(&mut self, b: &mut FunctionBuilder<'_>, id: Id) -> Group {
        match self.plan.graph.nodes[id] {
            Node::Const(bits) => group(|_| b.constant([bits; 2])),
            Node::Mask(truth) => group(|_| b.constant([if truth { u64::MAX } else { 0 }; 2])),
            Node::Scalar(slot) => self.splat(b, Splat::Num(slot)),
            Node::ScalarMask(slot) => self.splat(b, Splat::Mask(slot)),
            Node::Element => {
                let element = b.ins().ushr_imm_u(self.at, 3);
                let element = b.ins().fcvt_from_sint(types::F64, element);
                let both = b.ins().splat(types::F64X2, element);
                group(|k| {
                    let offset = b.constant([(2 * k) as f64, (2 * k + 1) as f64].map(f64::to_bits));
                    b.ins().fadd(both, offset)
                })
            }
            Node::Index(index) => self.entries(b, index).map(|pair| {
                let pair = pair.map(|entry| b.ins().fcvt_from_sint(types::F64, entry));
                b.pair(pair)
            }),
            Node::Load(slot) => self.load(b, slot),
            Node::LoadOnly(slot) => {
                let base = self.base(b, Pointer::Array(slot));
                let number = b.ins().load(types::F64, state(), base, 0);
                let both = b.ins().splat(types::F64X2, number);
                group(|_| both)
            }
            Node::Gather(slot, index) => {
                let base = self.base(b, Pointer::Array(slot));
                self.entries(b, index).map(|pair| {
                    let pair = pair.map(|entry| {
                        let offset = b.ins().ishl_imm_u(entry, 3);
                        let at = b.ins().iadd(base, offset);
                        b.ins().load(types::F64, state(), at, 0)
                    });
                    b.pair(pair)
                })
            }
            Node::Bit(slot) => {
                // Four elements, and so half a byte.
                self.layout.set(slot);
                let base = self.base(b, Pointer::Array(slot));
                let byte = b.ins().ushr_imm_u(self.at, 6);
                let at = b.ins().iadd(base, byte);
                let byte = b.ins().uload8(types::I64, state(), at, 0);
                let element = b.ins().ushr_imm_u(self.at, 3);
                let first = b.ins().band_imm_u(element, 7);
                let bits = b.ins().ushr(byte, first);
                group(|k| {
                    let pair = [0, 1].map(|lane| {
                        let bit = b.ins().ushr_imm_u(bits, 2 * k as i64 + lane);
                        let bit = b.ins().band_imm_u(bit, 1);
                        let mask = b.ins().ineg(bit);
                        b.ins().bitcast(types::F64, MemFlagsData::new(), mask)
                    });
                    b.pair(pair)
                })
            }
            Node::Lookup(slot, place) => {
                let base = self.base(b, Pointer::Array(slot));
                let last = self.base(b, Pointer::Last(slot));
                self.get(b, place).map(|places| {
                    let pair = [0, 1].map(|lane| {
                        let place = b.ins().extractlane(places, lane);
                        crate::scalar::looked_up(b, base, last, place)
                    });
                    b.pair(pair)
                })
            }
            Node::Unary(op, a) => self.get(b, a).map(|a| b.unary(op, a)),
            Node::Binary(op, x, y) => self.each(b, x, y, |b, x, y| b.binary(op, x, y)),
            Node::Compare(op, x, y) => self.each(b, x, y, |b, x, y| b.compare(op, x, y)),
            Node::And(x, y) => self.each(b, x, y, |b, x, y| b.ins().band(x, y)),
            Node::Or(x, y) => self.each(b, x, y, |b, x, y| b.ins().bor(x, y)),
            Node::Not(a) => self.get(b, a).map(|a| b.ins().bnot(a)),
            Node::Select(c, x, y) => {
                let (c, x, y) = (self.get(b, c), self.get(b, x), self.get(b, y));
                group(|k| b.ins().bitselect(c[k], x[k], y[k]))
            }
            Node::ToNum(a) => self.get(b, a).map(|a| {
                let one = b.constant([1.0f64.to_bits(); 2]);
                b.ins().band(a, one)
            }),
            Node::IsTrue(a) => self.get(b, a).map(|a| b.is_true(a)),
            // Calls always have a home, so nobody asks for this; zero keeps the function total.
            Node::Call(_) => group(|_| b.constant([0; 2])),
        }
    }

    fn each(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        x: Id,
        y: Id,
        op: impl Fn(&mut FunctionBuilder<'_>, Value, Value) -> Value,
    ) -> Group {
        let (x, y) = (self.get(b, x), self.get(b, y));
        group(|k| op(b, x[k], y[k]))
    }
}

fn group(f: impl FnMut(usize) -> Value) -> Group {
    std::array::from_fn(f)
}
