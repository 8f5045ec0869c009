//! Strings evaluated outside of runs: initial values, selections, connection conditions.

use std::collections::HashSet;
use std::rc::Rc;

use dslsim_ir::lower::Lower;
use dslsim_ir::{Access, Backend, Domain, Frame, ScalarSource, ValidKernel, interp};
use dslsim_model::expr::TExpr;
use dslsim_model::network::{ObjectId, Part};
use dslsim_model::scope::{Namespace, Scope};
use dslsim_model::typing::{Allowed, Typer, convert, way_out};
use dslsim_model::variables::VarType;
use dslsim_model::words::{has_unit, unit};
use dslsim_source::{Diagnostic, Diagnostics, Text};
use dslsim_syntax::ast::Expr;
use dslsim_units::Dim;

use super::Session;
use crate::registry::RunLayout;

type Told<T> = Result<T, Diagnostics>;

/// What a string's value must be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// In which situation, e.g. "`v` of `G`".
    pub what: &'a str,
    /// Its type.
    pub ty: VarType,
    /// Its unit.
    pub dim: Dim,
}

/// A name with a value for each position.
pub(super) type Column<'a> = (&'a str, &'a [f64]);

impl Session<'_> {
    /// Reads an expression string.
    pub(super) fn parse(&self, text: &Text) -> Told<Expr> {
        let (expr, said) = dslsim_syntax::parse_expression(text);
        if said.has_errors() {
            Err(said)
        } else {
            Ok(expr)
        }
    }

    /// Types an expression of an object's code.
    pub(super) fn typed(
        &self,
        object: ObjectId,
        expr: &Expr,
        names: &dyn Namespace,
        integers: &[&str],
    ) -> Told<TExpr> {
        let mut said = Diagnostics::new();
        let mut typer = Typer::new(
            Scope {
                network: &self.network,
                object,
                namespace: names,
            },
            Allowed {
                noise: false,
                random: true,
            },
            &mut said,
        );
        integers.iter().for_each(|n| typer.declare_integer(n));
        let typed = typer.expr(expr);
        if said.has_errors() || typed.is_poison() {
            Err(said)
        } else {
            Ok(typed)
        }
    }

    /// Checks that a value is what is wanted, and makes it so.
    pub(super) fn fit(typed: TExpr, wanted: Wanted<'_>) -> Told<TExpr> {
        let mismatch = typed.dim != wanted.dim && !typed.is_zero();
        if mismatch {
            return Err(Diagnostic::error(
                "dimension-mismatch",
                typed.span,
                format!(
                    "{} must be {}, but this is {}",
                    wanted.what,
                    has_unit(wanted.dim),
                    has_unit(typed.dim)
                ),
            )
            .label(unit(typed.dim))
            .help_opt(way_out(wanted.dim, typed.dim))
            .into());
        }
        if wanted.ty == VarType::Boolean && typed.ty != VarType::Boolean {
            return Err(Diagnostic::error(
                "not-boolean",
                typed.span,
                format!(
                    "{} must be a condition (true or false), but this is a number",
                    wanted.what
                ),
            )
            .help("write a comparison")
            .into());
        }
        Ok(convert(typed, wanted.ty))
    }

    /// The values of a typed expression for some elements.
    pub(super) fn values(
        &mut self,
        object: ObjectId,
        typed: &TExpr,
        elements: &[u32],
        columns: &[Column<'_>],
    ) -> Vec<f64> {
        self.values_in(object, None, typed, elements, columns)
    }

    /// The values of a typed expression for some elements of a part, which the code sees as the whole.
    pub(super) fn values_in(
        &mut self,
        object: ObjectId,
        part: Option<Part>,
        typed: &TExpr,
        elements: &[u32],
        columns: &[Column<'_>],
    ) -> Vec<f64> {
        if elements.is_empty() {
            return Vec::new();
        }
        self.count_in(typed);
        let nothing = HashSet::<(ObjectId, Rc<str>)>::new();
        let dt = self.default_dt();
        let store = &mut self.simulation.store;
        let result = self
            .registry
            .scratch(store, object, "value", elements.len());
        let mut layout = RunLayout {
            registry: &mut self.registry,
            store,
            network: &self.network,
            written: &nothing,
            part,
            dt,
            in_order: self.simulation.random.is_brian2(),
        };
        let strict = self.options.strict;
        let mut lower = Lower::new(&mut layout, object, "value", Domain::List, strict);
        for (name, _) in columns {
            let array = lower.layout.scratch(object, &format!("column.{name}"));
            let slot = lower.b.slot(name, array);
            let v = lower
                .b
                .load(slot, Access::Position, dslsim_ir::kernel::Type::Num);
            lower.locals.insert((*name).into(), v);
        }
        lower.prepare(typed);
        let value = lower.expr(typed);
        let slot = lower.b.slot("value", result);
        lower.b.store(slot, Access::Position, value, None);
        let mut kernels = std::mem::take(&mut lower.stages);
        kernels.push(lower.b.finish("value", Domain::List));
        for (name, values) in columns {
            let array = self.registry.scratch(
                &mut self.simulation.store,
                object,
                &format!("column.{name}"),
                values.len(),
            );
            self.simulation.store.all_mut(array)[..values.len()].copy_from_slice(values);
        }
        for kernel in kernels {
            if let Ok(kernel) = kernel.validate() {
                self.execute_now(object, &kernel, elements);
            }
        }
        let values = self.simulation.store.all_mut(result)[..elements.len()].to_vec();
        // Working memory, for which there may be no use any more.
        self.simulation.store.fill(result, 0.0);
        for (name, _) in columns {
            let column = self.registry.scratch(
                &mut self.simulation.store,
                object,
                &format!("column.{name}"),
                0,
            );
            self.simulation.store.fill(column, 0.0);
        }
        values
    }

    /// Executes a kernel over a list (or, for other domains, over as many elements as the list has) outside of a run.
    pub(super) fn execute_now(&mut self, object: ObjectId, kernel: &ValidKernel, elements: &[u32]) {
        let k = kernel.kernel();
        let clock = self.clock_of(self.network.get(object).dt);
        let (dt, t, step) = self
            .simulation
            .clock(clock)
            .map_or((1e-4, 0.0, 0), |c| (c.dt(), c.t(), c.step()));
        let mut scalars: Vec<f64> = k
            .scalars
            .iter()
            .map(|s| match &s.source {
                ScalarSource::Time => t,
                ScalarSource::TimeStep => step as f64,
                ScalarSource::Dt => dt,
                ScalarSource::External { value, .. } => *value,
                ScalarSource::Uniform(array) => self.simulation.store.get(*array, 0),
                ScalarSource::Derived => 0.0,
            })
            .collect();
        let mut work = Vec::new();
        for prologue in [&k.run_prologue, &k.step_prologue] {
            let store = &self.simulation.store;
            interp::run_prologue(prologue, &k.arrays, store, &mut work, &mut scalars);
        }
        for draw in &k.draws {
            let mut numbers = vec![0.0; elements.len()];
            let means = draw.mean.map_or_else(Vec::new, |mean| {
                let mean = k.arrays[mean.0 as usize].array;
                self.simulation.store.all_mut(mean)[..elements.len()].to_vec()
            });
            self.simulation
                .random
                .script(draw.kind, &means, dt, &mut numbers);
            let array = k.arrays[draw.slot.0 as usize].array;
            if self.simulation.store.length(array) < numbers.len() {
                self.simulation.store.resize(array, numbers.len(), 0.0);
            }
            self.simulation.store.all_mut(array)[..numbers.len()].copy_from_slice(&numbers);
        }
        for array in &k.arrays {
            self.simulation.store.spread(array.array);
        }
        let Ok(code) = interp::Interpreter.compile(&[kernel]) else {
            return;
        };
        let mut emit = Vec::new();
        let mut frame = Frame {
            store: &mut self.simulation.store,
            scalars: &scalars,
            range: 0..elements.len(),
            list: elements,
            emit: &mut emit,
            memo: &mut dslsim_ir::Memo::default(),
        };
        if let Some(code) = code.first() {
            code.run(&k.arrays, &k.indices, &mut frame);
        }
        // Working memory.
        for draw in &k.draws {
            let array = k.arrays[draw.slot.0 as usize].array;
            self.simulation.store.fill(array, 0.0);
        }
    }

    /// The length of the default clock's step, in seconds.
    pub(super) fn default_dt(&self) -> f64 {
        self.simulation.clock(self.clock).map_or(1e-4, |c| c.dt())
    }

    /// The elements of a part for which a condition holds.
    pub(super) fn selected(&mut self, part: Part, text: &Text) -> Told<Vec<usize>> {
        let names = self.names.clone();
        let expr = self.parse(text)?;
        let typed = self.typed(part.object, &expr, &names, &[])?;
        let typed = Self::fit(
            typed,
            Wanted {
                what: "a selection",
                ty: VarType::Boolean,
                dim: Dim::NONE,
            },
        )?;
        let elements: Vec<u32> = (part.start as u32..part.stop as u32).collect();
        let values = self.values_in(part.object, Some(part), &typed, &elements, &[]);
        Ok(elements
            .iter()
            .zip(values)
            .filter(|(_, v)| *v != 0.0)
            .map(|(e, _)| *e as usize)
            .collect())
    }
}
