//! From checked code objects to kernels.

use std::rc::Rc;

use dslsim_model::code::{Checked, CodeObject, EVENTS, Ode, Refractoriness};
use dslsim_model::expr::{Leaf, Side, TExpr, TKind};
use dslsim_model::network::{Chosen, ObjectId, Part};
use dslsim_model::variables::VarType;
use dslsim_source::{Diagnostics, Span};
use dslsim_units::Dim;

use crate::integrate::exact::Propagator;
use crate::integrate::{self, Method};
use crate::kernel::{Access, Compare, Domain, DrawKind, Inst, Kernel, Type, ValidKernel};
use crate::lower::{Layout, Lower, Reach};
use crate::store::ArrayId;

/// What a kernel is for.
#[derive(Clone, Debug)]
pub enum Role {
    /// Executed for all elements in its slot.
    Update,
    /// Emits the elements to which this event happens.
    Threshold(Rc<str>),
    /// Executed for the elements to which this event happened: reset, and the marks that a spike leaves.
    Reset(Rc<str>),
    /// Executed for the synapses that spikes reach: the number of the pathway.
    Pathway(usize),
    /// A sum over synapses: this array becomes 0 first.
    Summed(ArrayId),
    /// Values that a monitor records: name and array of each.
    Recorded(Vec<(Rc<str>, ArrayId)>),
    /// Emits the Poisson sources that spike; time-dependent rates.
    Rates,
}

/// A variable that is integrated, and the place of its equation.
pub type Integrated = (Rc<str>, Span);

/// A kernel and its place in the time step.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The object it belongs to.
    pub object: ObjectId,
    /// Its name, which decides ties.
    pub name: String,
    /// The slot.
    pub when: String,
    /// Order within the slot.
    pub order: i32,
    /// Time step, if not the default clock's, in seconds.
    pub dt: Option<f64>,
    /// What it is for.
    pub role: Role,
    /// The elements that it is executed for, if not all of the object or a list that an event makes.
    pub part: Option<Part>,
    /// Kernels that are executed before, one after the other, each for all elements.
    pub stages: Vec<std::sync::Arc<ValidKernel>>,
    /// Executed after it for the elements that it emits, and for those that this emits, until there is none.
    pub again: Option<std::sync::Arc<ValidKernel>>,
    /// Whether Brian2 executes it for one element after the other: that decides the order of random numbers.
    pub one_by_one: bool,
    /// The kernel.
    pub kernel: std::sync::Arc<ValidKernel>,
    /// Matrices to compute before.
    pub propagators: Vec<Propagator>,
    /// For a state update: the method, and the integrated variables with the places of their equations.
    pub integrates: Option<(Method, Vec<Integrated>)>,
}

impl Assembled {
    /// The kernel of a pathway over ranges of synapses instead of lists; none if it looks at positions in the list.
    pub fn over_ranges(&self) -> Option<std::sync::Arc<ValidKernel>> {
        let kernel = self.kernel.kernel();
        let by_position = |inst: &Inst| match inst {
            Inst::Load(_, access) | Inst::LoadBool(_, access) | Inst::Store { access, .. } => {
                *access == Access::Position
            }
            _ => false,
        };
        if kernel.domain != Domain::List
            || !kernel.draws.is_empty()
            || kernel.insts.iter().any(by_position)
        {
            return None;
        }
        let over_ranges = Kernel {
            domain: Domain::Sequential,
            ..kernel.clone()
        };
        over_ranges.validate().ok().map(std::sync::Arc::new)
    }
}

/// Makes the kernels of a code object: one, and for a threshold with refractoriness a second, which marks the neurons that
/// spiked and follows the first at once.
///
/// # Errors
/// If the integration method does not apply to the equations.
pub fn assemble(
    code: &CodeObject,
    layout: &mut dyn Layout,
    strict: bool,
) -> Result<Vec<Assembled>, Diagnostics> {
    let mut all = vec![single(code, layout, strict)?];
    if let Checked::Threshold {
        refractory: true,
        event,
        ..
    } = &code.code
    {
        all.push(marks(code, event, layout, strict)?);
    }
    Ok(all)
}

/// What a spike leaves: the neuron is refractory, and this was its last spike.
fn marks(
    code: &CodeObject,
    event: &Rc<str>,
    layout: &mut dyn Layout,
    strict: bool,
) -> Result<Assembled, Diagnostics> {
    let name = format!("{} marks", code.name);
    let mut lower = Lower::new(layout, code.object, &name, Domain::List, strict);
    let no = lower.b.truth(false);
    lower.store(Side::Own, code.object, "not_refractory", false, no);
    let now = lower.t();
    lower.store(Side::Own, code.object, "lastspike", false, now);
    let kernel = valid(lower.b.finish(&name, Domain::List)).map_err(|e| internal(&name, &e))?;
    Ok(Assembled {
        object: code.object,
        name,
        when: code.when.clone(),
        order: code.order,
        dt: code.dt,
        role: Role::Reset(event.clone()),
        part: None,
        stages: Vec::new(),
        again: None,
        one_by_one: false,
        kernel: std::sync::Arc::new(kernel),
        propagators: Vec::new(),
        integrates: None,
    })
}

fn single(
    code: &CodeObject,
    layout: &mut dyn Layout,
    strict: bool,
) -> Result<Assembled, Diagnostics> {
    let domain = domain_of(&code.code);
    let mut lower = Lower::new(layout, code.object, &code.name, domain, strict);
    let mut integrates = None;
    let mut again = None;
    let role = match &code.code {
        Checked::Subexpressions(all) => {
            for (name, value) in all {
                lower.prepare(value);
                let value = lower.expr(value);
                lower.drawn.clear();
                lower
                    .values
                    .insert((Side::Own, code.object, name.clone()), value);
                lower.store(Side::Own, code.object, name, false, value);
            }
            Role::Update
        }
        Checked::StateUpdate {
            odes,
            method,
            refractory,
        } => {
            if let Some(refractory) = refractory {
                refractoriness(&mut lower, refractory);
            }
            if !odes.is_empty() {
                let (method, more) = state_update(&mut lower, odes, method.as_ref())?;
                again = more;
                integrates = Some((
                    method,
                    odes.iter().map(|o| (o.name.clone(), o.span)).collect(),
                ));
            }
            Role::Update
        }
        Checked::Threshold {
            event,
            condition,
            refractory,
        } => {
            threshold(&mut lower, condition, *refractory);
            Role::Threshold(event.clone())
        }
        Checked::Reset { event, statements } => {
            lower.statements(statements);
            lower.store_written();
            Role::Reset(event.clone())
        }
        Checked::Pathway {
            pathway,
            event_driven,
            statements,
        } => {
            if !event_driven.is_empty() {
                integrate::exact::since_last_event(&mut lower, event_driven)?;
            }
            lower.statements(statements);
            if !event_driven.is_empty() {
                let now = lower.t();
                lower.store(Side::Own, code.object, "lastupdate", false, now);
            }
            lower.store_written();
            Role::Pathway(*pathway)
        }
        Checked::Regular(statements) => {
            lower.statements(statements);
            lower.store_written();
            Role::Update
        }
        Checked::Input {
            sources,
            rate,
            statement,
            ..
        } => {
            let kind = DrawKind::Binomial {
                n: *sources,
                rate: rate.to_bits(),
            };
            let events = lower.draw_events(kind, &statement.target);
            lower.locals.insert(EVENTS.into(), events);
            lower.statements(std::slice::from_ref(statement));
            lower.store_written();
            Role::Update
        }
        Checked::Rates(rates) => {
            lower.prepare(rates);
            let rates = lower.expr(rates);
            let dt = lower.dt();
            let p = lower.b.mul(rates, dt);
            let draw = lower.draw(DrawKind::Uniform);
            let spikes = lower.b.compare(Compare::Lt, draw, p);
            lower.b.emit(spikes);
            Role::Rates
        }
        Checked::Summed {
            target,
            name,
            presynaptic,
            value,
            ..
        } => {
            let side = if *presynaptic { Side::Pre } else { Side::Post };
            let value = lower.expr(value);
            let array = lower.layout.array(*target, name);
            let slot = lower.b.slot(name, array);
            let access = match lower.layout.reach(code.object, side) {
                Reach::Table(table) => Access::Via(lower.b.table(table)),
                Reach::Only => Access::Only,
                Reach::Same => Access::Element,
            };
            let sum = lower.b.load(slot, access, Type::Num);
            let sum = lower.b.add(sum, value);
            lower.b.store(slot, access, sum, None);
            Role::Summed(array)
        }
        Checked::Recorded(all) => {
            let mut arrays = Vec::new();
            for (name, value) in all {
                lower.prepare(value);
                let value = lower.expr(value);
                let array = lower
                    .layout
                    .scratch(code.object, &format!("recorded.{name}"));
                let slot = lower.b.slot(name, array);
                lower.b.store(slot, Access::Position, value, None);
                arrays.push((name.clone(), array));
            }
            Role::Recorded(arrays)
        }
    };
    let propagators = std::mem::take(&mut lower.propagators);
    let stages = std::mem::take(&mut lower.stages);
    let one_by_one = lower.one_by_one;
    let kernel = lower.b.finish(&code.name, domain);
    let checked = |kernel| {
        valid(kernel)
            .map(std::sync::Arc::new)
            .map_err(|e| internal(&code.name, &e))
    };
    let kernel = checked(kernel)?;
    let again = again.map(checked).transpose()?;
    let stages = stages.into_iter().map(checked).collect::<Result<_, _>>()?;
    Ok(Assembled {
        object: code.object,
        name: code.name.clone(),
        when: code.when.clone(),
        order: code.order,
        dt: code.dt,
        role,
        part: match &code.code {
            Checked::Input { target, .. } => Some(*target),
            _ => None,
        },
        stages,
        again,
        one_by_one,
        kernel,
        propagators,
        integrates,
    })
}

/// For which elements a code object is executed.
fn domain_of(code: &Checked) -> Domain {
    match code {
        Checked::Subexpressions(_)
        | Checked::StateUpdate { .. }
        | Checked::Threshold { .. }
        | Checked::Rates(_) => Domain::All,
        Checked::Reset { .. } | Checked::Pathway { .. } | Checked::Recorded(_) => Domain::List,
        // From the first element of the group on, no list is needed.
        Checked::Input { target, .. } if target.start == 0 => Domain::All,
        Checked::Input { .. } => Domain::List,
        Checked::Regular(_) | Checked::Summed { .. } => Domain::Sequential,
    }
}

/// Checks a kernel; one whose elements turn out to depend on each other is executed element by element.
fn valid(kernel: Kernel) -> Result<ValidKernel, crate::kernel::Invalid> {
    let retry = (kernel.domain == Domain::All).then(|| kernel.clone());
    match (kernel.validate(), retry) {
        (Err(crate::kernel::Invalid::Crossing(_)), Some(again)) => Kernel {
            domain: Domain::Sequential,
            ..again
        }
        .validate(),
        (result, _) => result,
    }
}

fn internal(name: &str, e: &crate::kernel::Invalid) -> Diagnostics {
    dslsim_source::Diagnostic::error(
        "internal-error",
        Span::default(),
        format!(
            "the kernel `{name}` is not valid: {e}; this is a mistake of dslsim, please report it"
        ),
    )
    .into()
}

/// Sets `not_refractory` from values at the beginning of the step.
fn refractoriness(lower: &mut Lower<'_>, refractory: &Refractoriness) {
    let object = lower.object;
    let flag: Rc<str> = "not_refractory".into();
    let active = match refractory {
        Refractoriness::Time(time) => {
            let lastspike: Rc<str> = "lastspike".into();
            let call = |a: TExpr| TExpr {
                span: time.span,
                ty: VarType::Integer,
                dim: Dim::NONE,
                kind: TKind::Call(
                    dslsim_model::functions::Function::Timestep,
                    vec![
                        a,
                        TExpr {
                            kind: TKind::Leaf(Leaf::Dt),
                            ty: VarType::Float,
                            dim: Dim::TIME,
                            span: time.span,
                        },
                    ],
                ),
            };
            let last = lower.variable(Side::Own, object, &lastspike, false, VarType::Float);
            let now = lower.t();
            let since = lower.b.sub(now, last);
            lower.locals.insert("_since".into(), since);
            let since = TExpr {
                kind: TKind::Leaf(Leaf::Local("_since".into())),
                ty: VarType::Float,
                dim: Dim::TIME,
                span: time.span,
            };
            let (since, time) = (lower.expr(&call(since)), lower.expr(&call(time.clone())));
            lower.b.compare(Compare::Le, time, since)
        }
        Refractoriness::While(condition) => {
            let stays = lower.expr(condition);
            let was = lower.variable(Side::Own, object, &flag, false, VarType::Boolean);
            let free = lower.b.not(stays);
            lower.b.or(was, free)
        }
    };
    lower
        .values
        .insert((Side::Own, object, flag.clone()), active);
    lower.store(Side::Own, object, &flag, false, active);
}

fn state_update(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    method: Option<&Chosen>,
) -> Result<(Method, Option<Kernel>), Diagnostics> {
    let object = lower.object;
    odes.iter().for_each(|o| lower.prepare(&o.rhs));
    if let Some(chosen) = method
        && chosen.options.adaptable_timestep
        && Method::from_name(&chosen.name) == Some(Method::Rkf45)
    {
        let again = integrate::adaptive::step(lower, odes, chosen)?;
        return Ok((Method::Rkf45, Some(again)));
    }
    let old = integrate::old_state(lower, odes);
    let (new, method) = integrate::step(lower, odes, method)?;
    for ((ode, value), old) in odes.iter().zip(new).zip(old) {
        let value = if ode.unless_refractory {
            let active = lower.variable(
                Side::Own,
                object,
                &"not_refractory".into(),
                false,
                VarType::Boolean,
            );
            lower.b.select(active, value, old)
        } else {
            value
        };
        lower.store(Side::Own, object, &ode.name, false, value);
    }
    Ok((method, None))
}

fn threshold(lower: &mut Lower<'_>, condition: &TExpr, refractory: bool) {
    let object = lower.object;
    lower.prepare(condition);
    let mut spikes = lower.expr(condition);
    if refractory {
        let active = lower.variable(
            Side::Own,
            object,
            &"not_refractory".into(),
            false,
            VarType::Boolean,
        );
        spikes = lower.b.and(spikes, active);
    }
    lower.b.emit(spikes);
}
