//! What the interpreter asks of the simulation.
//!
//! This crate does not know what a neuron group is. Whatever concerns model objects goes through [`Host`], which the
//! façade implements. A host reports mistakes as `Err`; warnings go to [`Context::push`].
//!
//! A host that only checks answers what it cannot know yet with [`Value::Unknown`] (with the dimension, if it is known).

use std::sync::Arc;

use dslsim_source::{Diagnostic, Diagnostics, FileId, Span};
use dslsim_syntax::ast::{AssignOp, BinaryOp, Ident};

use crate::call::CallArgs;
use crate::context::Context;
use crate::value::{IndexValue, ObjectRef, Spanned, Value};

/// What a random number is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Random {
    /// Uniform in [0, 1).
    Uniform,
    /// Normal with mean 0 and standard deviation 1.
    Normal,
}

/// The simulation, as a script sees it.
pub trait Host {
    /// Whether `name` is a constructor or function of the simulation: `NeuronGroup`, `run`, `seed`, `save`, `plot`, …
    fn is_function(&self, name: &str) -> bool;

    /// All names for which [`Host::is_function`] holds, for suggestions.
    fn function_names(&self) -> Vec<String> {
        Vec::new()
    }

    /// Calls one of them.
    ///
    /// # Errors
    /// What is wrong with the call.
    fn call(
        &mut self,
        ctx: &mut Context<'_>,
        function: &str,
        args: CallArgs,
    ) -> Result<Value, Diagnostics>;

    /// `G.v`, `M.t`, `G.N`, `defaultclock.dt`; may give a handle of a view or method. `name.span` is the name alone.
    ///
    /// # Errors
    /// No such attribute.
    fn get_attribute(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        name: &Ident,
    ) -> Result<Value, Diagnostics>;

    /// `G.v = …`, `G.v += …`
    ///
    /// # Errors
    /// No such attribute, or it cannot have this value.
    fn set_attribute(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        name: &Ident,
        op: AssignOp,
        value: Spanned<Value>,
    ) -> Result<(), Diagnostics>;

    /// `S.connect(…)`, `M.spike_trains()`
    ///
    /// # Errors
    /// No such method, or what is wrong with the call.
    fn call_method(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        name: &Ident,
        args: CallArgs,
    ) -> Result<Value, Diagnostics>;

    /// A call of an object itself: `stimulus(0.5*ms)`.
    ///
    /// # Errors
    /// It cannot be called, or what is wrong with the call.
    fn call_object(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        args: CallArgs,
    ) -> Result<Value, Diagnostics> {
        let _ = ctx;
        Err(Diagnostic::error(
            "not-callable",
            args.span,
            format!("a {} cannot be called", object.class),
        )
        .into())
    }

    /// `G[3:7]`, `M[3]`, `S.w[2, 5]` (the object is then the view `S.w`); `span` is the whole expression.
    ///
    /// # Errors
    /// It has no such part.
    fn get_item(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        index: Vec<Spanned<IndexValue>>,
        span: Span,
    ) -> Result<Value, Diagnostics>;

    /// `G.v[0:2] = …`, `S.w['i < j'] *= 2`; `span` is the target.
    ///
    /// # Errors
    /// It has no such part, or the part cannot have this value.
    fn set_item(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        index: Vec<Spanned<IndexValue>>,
        op: AssignOp,
        value: Spanned<Value>,
        span: Span,
    ) -> Result<(), Diagnostics>;

    /// The array or number a live view (`G.v`) stands for in arithmetic and numpy functions; `None` if it is nothing of
    /// the kind.
    ///
    /// # Errors
    /// The view cannot be read.
    fn view_value(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        span: Span,
    ) -> Result<Option<Value>, Diagnostics>;

    /// An operator with an object that is no view on at least one side: `Equations('…') + '…'`. `None`: there is none.
    ///
    /// # Errors
    /// What is wrong with the operands.
    fn operator(
        &mut self,
        ctx: &mut Context<'_>,
        op: BinaryOp,
        left: &Spanned<Value>,
        right: &Spanned<Value>,
    ) -> Result<Option<Value>, Diagnostics> {
        let _ = (ctx, op, left, right);
        Ok(None)
    }

    /// `len(G)`; `None` if it has no length.
    ///
    /// # Errors
    /// The length cannot be read.
    fn length(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        span: Span,
    ) -> Result<Option<Value>, Diagnostics> {
        let _ = (ctx, object, span);
        Ok(None)
    }

    /// What a collection of objects consists of, where it is divided among names: `fig, (a, b) = subplots(2)`.
    ///
    /// # Errors
    /// The parts cannot be read.
    fn items(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        span: Span,
    ) -> Result<Option<Vec<Value>>, Diagnostics> {
        let _ = (ctx, object, span);
        Ok(None)
    }

    /// The message and the help about a member that a module does not have; `None` for the usual ones.
    fn unknown_member(&self, module: &str, name: &str) -> Option<(String, String)> {
        let _ = (module, name);
        None
    }

    /// `'name' in net`, `G in net`; `None` if the question has no meaning.
    ///
    /// # Errors
    /// The question cannot be answered.
    fn contains(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        item: &Spanned<Value>,
    ) -> Result<Option<bool>, Diagnostics> {
        let _ = (ctx, object, item);
        Ok(None)
    }

    /// How an object is shown by `print`.
    fn show(&self, object: &ObjectRef) -> String {
        format!("<{}>", object.class)
    }

    /// A top-level name was bound to an object. Tells what there is to say about it; that a name is bound twice is
    /// reported by the interpreter.
    fn bound(&mut self, name: &str, object: &ObjectRef, span: Span) -> Diagnostics;

    /// Whether an object is known under the name it is bound to, so that binding the name to another object deserves a
    /// warning: groups and monitors are, views are not.
    fn keeps_name(&self, object: &ObjectRef) -> bool {
        let _ = object;
        true
    }

    /// `defaultclock` and its like.
    fn constant_object(&self, name: &str) -> Option<Value>;

    /// The file that `include(name)` in file `from` means. The same file must get the same [`FileId`] every time, since
    /// cycles are found by it.
    ///
    /// # Errors
    /// It cannot be read.
    #[expect(
        clippy::result_large_err,
        reason = "one message at most, on a rare path"
    )]
    fn read_file(
        &mut self,
        name: &str,
        from: FileId,
        span: Span,
    ) -> Result<(FileId, Arc<str>), Diagnostic>;

    /// `n` random numbers from the stream that the simulation draws from.
    fn random(&mut self, kind: Random, n: usize) -> Vec<f64>;

    /// A line printed by the script.
    fn print(&mut self, text: &str);

    /// Names of state variables of all objects, so that `v` without quotes can be told from a misspelt name.
    fn is_variable(&self, name: &str) -> bool {
        let _ = name;
        false
    }
}
