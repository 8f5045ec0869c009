//! `linked_var(…)`, and the assignment that links a variable: `G.u = linked_var(drive, 'x')`.
//!
//! A linked variable has no values of its own: it stands for another group's variable, each element for the element of the same
//! number, all for the only one, or each for one of a list. The list may be an integer variable of the linked
//! group; its values count as they are when a run begins.

use std::rc::Rc;

use dslsim_model::network::{Link, Linked, ObjectId, Part};
use dslsim_model::words::has_unit;
use dslsim_script::{CallArgs, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};

use super::Session;
use super::construct::flat;
use super::handles::Handle;

type Told<T> = Result<T, Diagnostics>;

const LINKED_VAR: &[Param] = &[
    Param::required("group_or_variable"),
    Param::optional("name"),
    Param::optional("index"),
];

/// What `linked_var` gives: a variable, and which elements of it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Whose variable.
    part: Part,
    /// Its name.
    name: Rc<str>,
    /// Where that was said.
    span: Span,
    /// The elements, if they were given.
    index: Option<Index>,
}

#[derive(Clone, Debug)]
enum Index {
    List(Vec<f64>, Span),
    Variable(Rc<str>, Span),
}

impl Session<'_> {
    pub(super) fn linked_var(&mut self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("linked_var", LINKED_VAR)?;
        if args.has_unknown() {
            return Ok(Value::Unknown(None));
        }
        let wrong = || bound.wrong("group_or_variable", "a group, or a variable of a group");
        let Some(given) = bound.given("group_or_variable") else {
            return Err(wrong());
        };
        let Value::Object(object) = &given.value else {
            return Err(wrong());
        };
        let name = bound.text("name")?;
        let (part, name, span) = match (self.handle(object), name) {
            (Handle::View { object, part, name }, None) => {
                (part.unwrap_or_else(|| self.whole(object)), name, given.span)
            }
            (Handle::Object(id), Some(name)) => {
                (self.whole(id), name.into(), bound.span_of("name"))
            }
            (Handle::Part(part), Some(name)) => (part, name.into(), bound.span_of("name")),
            (Handle::Object(_) | Handle::Part(_), None) => {
                return Err(Diagnostic::error(
                    "missing-argument",
                    bound.span,
                    "linked_var: which variable of the group?",
                )
                .help("write `linked_var(GROUP, 'variable')`, or `linked_var(GROUP.variable)`")
                .into());
            }
            _ => return Err(wrong()),
        };
        if self.known(part.object, &name).is_none() {
            return Err(self.unknown_attribute(part.object, &name, span));
        }
        let index = match bound.given("index") {
            None => None,
            Some(Spanned {
                value: Value::Str(text),
                span,
            }) => Some(Index::Variable(text.as_str().into(), *span)),
            Some(given) => match flat(&given.value) {
                Some(all) => Some(Index::List(all, given.span)),
                None => {
                    return Err(bound.wrong("index", "whole numbers, or the name of a variable"));
                }
            },
        };
        Ok(self.refer(Handle::Link(Target {
            part,
            name,
            span,
            index,
        })))
    }

    /// `G.u = linked_var(…)`
    pub(super) fn link(
        &mut self,
        object: ObjectId,
        name: &str,
        target: &Target,
        span: Span,
    ) -> Told<()> {
        let made = self.make_link(object, name, target, span);
        if made.is_err() {
            self.network.refuse_link(object, name);
        }
        made
    }

    fn make_link(&mut self, object: ObjectId, name: &str, target: &Target, span: Span) -> Told<()> {
        let shown = self.network.get(object).shown().to_owned();
        let variable = self.network.variables(object).and_then(|v| v.get(name));
        let Some(variable) = variable.filter(|v| v.flags.linked).cloned() else {
            if self.known(object, name).is_none() {
                return Err(self.unknown_attribute(object, name, span));
            }
            return Err(Diagnostic::error(
                "not-a-link",
                span,
                format!("`{name}` of `{shown}` is not declared `(linked)`"),
            )
            .help(format!("declare it as `{name} : unit (linked)`"))
            .into());
        };
        let Some(source) = self.known(target.part.object, &target.name) else {
            return Err(self.unknown_attribute(target.part.object, &target.name, target.span));
        };
        if source.dim != variable.dim {
            return Err(Diagnostic::error(
                "dimension-mismatch",
                span,
                format!(
                    "`{name}` is declared {}, but `{}` is {}",
                    has_unit(variable.dim),
                    target.name,
                    has_unit(source.dim)
                ),
            )
            .also(variable.span, "declared here")
            .into());
        }
        if source.ty != variable.ty {
            return Err(Diagnostic::error(
                "type-mismatch",
                span,
                format!(
                    "`{name}` is declared {}, but `{}` is {}",
                    variable.ty.name(),
                    target.name,
                    source.ty.name()
                ),
            )
            .also(variable.span, "declared here")
            .into());
        }
        self.no_circle(object, name, target, span)?;
        let n = self.network.size(object);
        let size = target.part.len();
        let from = self.network.get(target.part.object).shown().to_owned();
        let elements = match &target.index {
            Some(Index::List(list, at)) => self.linked_list(list, n, target.part, &shown, *at)?,
            Some(Index::Variable(index, at)) => {
                let fits = self
                    .known(object, index)
                    .is_some_and(|k| k.ty == dslsim_model::VarType::Integer && !k.computed);
                if !fits {
                    return Err(Diagnostic::error(
                        "wrong-type",
                        *at,
                        format!("`{shown}` has no integer parameter `{index}`"),
                    )
                    .help("the index is an array of whole numbers, or the name of an integer parameter of the linked group")
                    .into());
                }
                Linked::Variable(index.clone(), target.part.start as u32)
            }
            None if source.shared => Linked::Only,
            None if size == n => Linked::Each(target.part.start as u32),
            None if size == 1 => {
                if target.part.start == 0 && self.network.size(target.part.object) == 1 {
                    Linked::Only
                } else {
                    Linked::List(vec![target.part.start as u32; n].into())
                }
            }
            None => {
                return Err(Diagnostic::error(
                    "link-size",
                    span,
                    format!(
                        "`{name}` of `{shown}` has {n} elements, but `{}` of `{from}` has {size}",
                        target.name
                    ),
                )
                .help(format!(
                    "say which element of `{from}` each belongs to: `linked_var({from}, '{}', index=[…])`",
                    target.name
                ))
                .into());
            }
        };
        let link = Link {
            object: target.part.object,
            name: target.name.clone(),
            elements,
        };
        self.network.set_link(object, name, link);
        Ok(())
    }

    /// The elements that a list names.
    fn linked_list(
        &self,
        list: &[f64],
        n: usize,
        part: Part,
        shown: &str,
        at: Span,
    ) -> Told<Linked> {
        if list.len() != n {
            return Err(Diagnostic::error(
                "link-size",
                at,
                format!(
                    "the index has {} numbers, but `{shown}` has {n} elements",
                    list.len()
                ),
            )
            .help("give one number for each element")
            .into());
        }
        let size = part.len();
        if let Some(bad) = list
            .iter()
            .find(|x| x.fract() != 0.0 || !(0.0..size as f64).contains(*x))
        {
            return Err(Diagnostic::error(
                "index-out-of-range",
                at,
                format!(
                    "`{}` has {size} elements (0 to {}), not an element {bad}",
                    self.network.get(part.object).shown(),
                    size.saturating_sub(1)
                ),
            )
            .into());
        }
        let elements: Rc<[u32]> = list.iter().map(|x| *x as u32 + part.start as u32).collect();
        Ok(Linked::List(elements))
    }

    /// Refuses a link that leads back to its beginning.
    fn no_circle(&self, object: ObjectId, name: &str, target: &Target, span: Span) -> Told<()> {
        let (mut at, mut variable) = (target.part.object, target.name.clone());
        for _ in 0..=self.network.len() {
            if at == object && *variable == *name {
                return Err(Diagnostic::error(
                    "circular-link",
                    span,
                    format!("`{name}` would be linked to itself"),
                )
                .into());
            }
            match self.network.link(at, &variable) {
                Some(link) => (at, variable) = (link.object, link.name.clone()),
                None => break,
            }
        }
        Ok(())
    }

    /// Looks at links whose elements a variable gives, before a run.
    pub(super) fn links_fit(&self, active: &[ObjectId]) -> Diagnostics {
        let mut said = Diagnostics::new();
        for &id in active {
            let Some(variables) = self.network.variables(id) else {
                continue;
            };
            for v in variables.iter().filter(|v| v.flags.linked) {
                let Some(Link {
                    object,
                    elements: Linked::Variable(index, first),
                    ..
                }) = self.network.link(id, &v.name)
                else {
                    continue;
                };
                let size = self.network.size(*object);
                let values = self
                    .registry
                    .find(id, index)
                    .map(|a| self.simulation.store.to_vec(a))
                    .unwrap_or_default();
                if let Some(bad) = values
                    .iter()
                    .find(|x| **x < 0.0 || **x + f64::from(*first) >= size as f64)
                {
                    said.push(
                        Diagnostic::error(
                            "index-out-of-range",
                            v.span,
                            format!(
                                "`{}` is linked by `{index}`, which is {bad}; `{}` has {size} elements",
                                v.name,
                                self.network.get(*object).shown()
                            ),
                        )
                        .help(format!("set `{index}` before `run`")),
                    );
                }
            }
        }
        said
    }
}
