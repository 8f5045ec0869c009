//! A small host: two kinds of objects, a file or two, and a record of what was asked.
#![allow(dead_code, clippy::result_large_err)]

use std::sync::Arc;

use dslsim_script::{
    Array, CallArgs, Context, Host, IndexValue, Interpreter, ObjectRef, Override, Param, Random,
    Spanned, Value,
};
use dslsim_source::{
    Diagnostic, Diagnostics, FileId, MessageFormat, SourceMap, Span, Text, render,
};
use dslsim_syntax::ast::{AssignOp, BinaryOp, Ident};
use dslsim_units::Dim;

/// Object parts: 0 the group, 1 its view `v` (volt), 2 its method-less attribute.
#[derive(Default)]
pub struct Dummy {
    pub printed: Vec<String>,
    pub log: Vec<String>,
    pub made: u32,
    pub v: Vec<f64>,
    pub drawn: usize,
    pub files: Vec<(String, String)>,
    pub sources: SourceMap,
    /// Values of state variables are not known.
    pub checking: bool,
    /// Nothing is known of any object, and included files are empty.
    pub blank: bool,
}

fn object(class: &str, id: u32, part: u32) -> ObjectRef {
    ObjectRef {
        class: class.into(),
        id,
        part,
    }
}

impl Host for Dummy {
    fn is_function(&self, name: &str) -> bool {
        if self.blank {
            return BLANK.split(' ').any(|n| n == name);
        }
        [
            "NeuronGroup",
            "SpikeMonitor",
            "Equations",
            "run",
            "save",
            "seed",
        ]
        .contains(&name)
    }

    fn function_names(&self) -> Vec<String> {
        [
            "NeuronGroup",
            "SpikeMonitor",
            "Equations",
            "run",
            "save",
            "seed",
        ]
        .map(String::from)
        .to_vec()
    }

    fn call(
        &mut self,
        _ctx: &mut Context<'_>,
        function: &str,
        args: CallArgs,
    ) -> Result<Value, Diagnostics> {
        if self.blank {
            return Ok(Value::Unknown(None));
        }
        match function {
            "NeuronGroup" => {
                let bound = args.bind(
                    function,
                    &[
                        Param::required("N"),
                        Param::required("model"),
                        Param::optional("threshold"),
                        Param::keyword("method"),
                    ],
                )?;
                let n = bound.int("N")?.unwrap_or(0);
                self.v = vec![0.0; n as usize];
                self.made += 1;
                Ok(Value::Object(object("NeuronGroup", self.made, 0)))
            }
            "SpikeMonitor" => {
                self.made += 1;
                Ok(Value::Object(object("SpikeMonitor", self.made, 0)))
            }
            "Equations" => Ok(Value::Object(object("Equations", 0, 9))),
            _ => {
                let shown: Vec<String> = args
                    .positional
                    .iter()
                    .map(|a| a.value.describe())
                    .chain(
                        args.named
                            .iter()
                            .map(|(n, a)| format!("{}={}", n.name, a.value.describe())),
                    )
                    .collect();
                self.log.push(format!("{function}({})", shown.join(", ")));
                Ok(Value::None)
            }
        }
    }

    fn get_attribute(
        &mut self,
        _ctx: &mut Context<'_>,
        o: &ObjectRef,
        name: &Ident,
    ) -> Result<Value, Diagnostics> {
        if self.blank {
            return Ok(Value::Unknown(None));
        }
        match name.name.as_str() {
            "v" => Ok(Value::Object(object("view", o.id, 1))),
            "N" => Ok(Value::Int(self.v.len() as i64)),
            _ => Err(Diagnostic::error(
                "unknown-attribute",
                name.span,
                format!("no attribute `{}`", name.name),
            )
            .into()),
        }
    }

    fn set_attribute(
        &mut self,
        _ctx: &mut Context<'_>,
        _o: &ObjectRef,
        name: &Ident,
        op: AssignOp,
        value: Spanned<Value>,
    ) -> Result<(), Diagnostics> {
        self.log.push(format!(
            "set {} {op:?} {}",
            name.name,
            value.value.describe()
        ));
        if let (AssignOp::Set, "v", Some(x)) = (op, name.name.as_str(), value.value.as_f64()) {
            self.v.fill(x);
        }
        Ok(())
    }

    fn call_method(
        &mut self,
        _ctx: &mut Context<'_>,
        _o: &ObjectRef,
        name: &Ident,
        args: CallArgs,
    ) -> Result<Value, Diagnostics> {
        self.log.push(format!(
            "{}/{}",
            name.name,
            args.positional.len() + args.named.len()
        ));
        Ok(Value::None)
    }

    fn get_item(
        &mut self,
        _ctx: &mut Context<'_>,
        o: &ObjectRef,
        index: Vec<Spanned<IndexValue>>,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        self.log.push(format!(
            "item {} {:?}",
            o.class,
            index.iter().map(|i| &i.value).collect::<Vec<_>>()
        ));
        match index.as_slice() {
            [
                Spanned {
                    value: IndexValue::Int(k),
                    ..
                },
            ] if o.part == 1 => Ok(self
                .v
                .get(*k as usize)
                .map_or(Value::Unknown(None), |x| Value::Quantity(*x, Dim::VOLT))),
            _ if o.part == 0 => Ok(Value::Object(object("Subgroup", o.id, 5))),
            _ => Err(Diagnostic::error("index", span, "no such item").into()),
        }
    }

    fn set_item(
        &mut self,
        _ctx: &mut Context<'_>,
        o: &ObjectRef,
        index: Vec<Spanned<IndexValue>>,
        op: AssignOp,
        value: Spanned<Value>,
        _span: Span,
    ) -> Result<(), Diagnostics> {
        let index: Vec<String> = index
            .iter()
            .map(|i| {
                if let IndexValue::Str(t) = &i.value {
                    t.as_str().into()
                } else {
                    format!("{:?}", i.value)
                }
            })
            .collect();
        self.log.push(format!(
            "set item {} {index:?} {op:?} {}",
            o.class,
            value.value.describe()
        ));
        Ok(())
    }

    fn view_value(
        &mut self,
        _ctx: &mut Context<'_>,
        o: &ObjectRef,
        _span: Span,
    ) -> Result<Option<Value>, Diagnostics> {
        if o.part != 1 {
            return Ok(None);
        }
        if self.checking {
            return Ok(Some(Value::Unknown(Some(Dim::VOLT))));
        }
        Ok(Some(Value::Array(Array::vector(self.v.clone(), Dim::VOLT))))
    }

    fn operator(
        &mut self,
        _ctx: &mut Context<'_>,
        op: BinaryOp,
        left: &Spanned<Value>,
        _right: &Spanned<Value>,
    ) -> Result<Option<Value>, Diagnostics> {
        self.log.push(format!("{op:?}"));
        Ok(
            matches!(&left.value, Value::Object(o) if o.class == "Equations")
                .then(|| left.value.clone()),
        )
    }

    fn length(
        &mut self,
        _ctx: &mut Context<'_>,
        o: &ObjectRef,
        _span: Span,
    ) -> Result<Option<Value>, Diagnostics> {
        Ok((o.part == 0).then_some(Value::Int(self.v.len() as i64)))
    }

    fn bound(&mut self, name: &str, o: &ObjectRef, _span: Span) -> Diagnostics {
        self.log.push(format!("{name} is {}", o.class));
        Diagnostics::new()
    }

    fn keeps_name(&self, o: &ObjectRef) -> bool {
        o.part == 0
    }

    fn constant_object(&self, name: &str) -> Option<Value> {
        (name == "defaultclock").then(|| Value::Object(object("Clock", 0, 7)))
    }

    fn read_file(
        &mut self,
        name: &str,
        _from: FileId,
        span: Span,
    ) -> Result<(FileId, Arc<str>), Diagnostic> {
        if self.blank {
            // the only one among the models
            return Ok((
                FileId(90),
                "drive = NeuronGroup(1)\nbase = 1\ntau_fast = 2*ms\ngain = 1\n".into(),
            ));
        }
        let found = self.files.iter().position(|(n, _)| n == name);
        match found.and_then(|k| self.files.get(k).map(|(_, t)| (k, t.clone()))) {
            Some((k, text)) => {
                // one id for one file
                let id = (0..100)
                    .map(FileId)
                    .find(|id| self.sources.name(*id) == name);
                let id = id.unwrap_or_else(|| self.sources.add(name, text.clone()));
                let _ = k;
                Ok((id, text.into()))
            }
            None => Err(Diagnostic::error(
                "include-missing",
                span,
                format!("{name} not found"),
            )),
        }
    }

    fn random(&mut self, kind: Random, n: usize) -> Vec<f64> {
        self.drawn += n;
        (0..n)
            .map(|k| {
                if kind == Random::Uniform {
                    0.25
                } else {
                    k as f64
                }
            })
            .collect()
    }

    fn print(&mut self, text: &str) {
        self.printed.push(text.into());
    }

    fn is_variable(&self, name: &str) -> bool {
        self.made > 0 && name == "v"
    }
}

pub struct Ran {
    pub interpreter: Interpreter,
    pub host: Dummy,
}

impl Ran {
    /// All messages in the short form.
    pub fn said(&self) -> String {
        render(
            self.interpreter.diagnostics(),
            &self.host.sources,
            MessageFormat::Short,
            false,
        )
    }

    pub fn value(&self, name: &str) -> Value {
        self.interpreter
            .global(name)
            .map_or(Value::None, |b| b.value.clone())
    }

    pub fn text(&self, name: &str) -> String {
        self.value(name)
            .as_text()
            .map_or_else(String::new, |t| t.as_str().into())
    }
}

pub fn run(text: &str) -> Ran {
    run_with(text, &[], Dummy::default())
}

/// Runs a script with parameters set.
pub fn run_with(text: &str, set: &[(&str, &str)], mut host: Dummy) -> Ran {
    let file = host.sources.add("m.eq", text);
    let (ast, said) = dslsim_syntax::parse_file(file, text);
    assert!(
        said.is_empty(),
        "{}",
        render(&said, &host.sources, MessageFormat::Short, false)
    );
    let overrides = set
        .iter()
        .map(|(name, value)| {
            let id = host.sources.add("--set", *value);
            let (expr, said) = dslsim_syntax::parse_expression(&Text::verbatim(id, 0, *value));
            assert!(said.is_empty());
            ((*name).to_string(), Override::Expr(expr))
        })
        .collect();
    let mut interpreter = Interpreter::new(overrides);
    interpreter.execute(&mut host, file, &ast);
    interpreter.finish();
    Ran { interpreter, host }
}

/// What is said about a script if nothing is known of its objects.
pub fn check(text: &str) -> String {
    let mut host = Dummy {
        blank: true,
        ..Dummy::default()
    };
    let file = host.sources.add("m.eq", text);
    let (ast, said) = dslsim_syntax::parse_file(file, text);
    let mut interpreter = Interpreter::new(Vec::new());
    interpreter.execute(&mut host, file, &ast);
    let mut all = said;
    all.extend(interpreter.take_diagnostics());
    render(&all, &host.sources, MessageFormat::Short, false)
}

/// The names of the simulation that the conformance models use.
const BLANK: &str = "NeuronGroup Synapses PoissonGroup PoissonInput SpikeGeneratorGroup TimedArray linked_var SpikeMonitor StateMonitor EventMonitor PopulationRateMonitor Network Equations run seed save store restore Clock stop";
