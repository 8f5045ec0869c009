//! Random well-typed expressions, from text to numbers: the interpreter and machine code give the same bits, or the same message.
//!
//! `DSLSIM_MODELS` is the number of models.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::cell::Cell;

use dslsim_tests::{Setup, recorded, run, same_bits};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// What an expression is: a pure number, a voltage, a truth value.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Voltage,
    Truth,
}

/// The text of an expression made of the bytes of a choice; when they are used up, it comes to its end. In a form, `#` stands for a
/// number, `@` for a voltage, `?` for a truth value.
struct Writer<'a> {
    choices: std::slice::Iter<'a, u8>,
}

impl Writer<'_> {
    fn below(&mut self, n: u8) -> u8 {
        self.choices.next().map_or(0, |c| c % n)
    }

    fn leaf(&mut self, kind: Kind) -> String {
        let leaves: &[&str] = match kind {
            Kind::Number => &[
                "x", "y", "0.5", "2", "i", "-1.25", "1e-3", "v/mV", "t/ms", "7", "sub",
            ],
            Kind::Voltage => &["v", "10*mV", "u", "-65*mV", "0*mV", "x*mV"],
            Kind::Truth => &["x < 1", "p", "v > -50*mV", "i == 3", "y >= x", "True"],
        };
        leaves[usize::from(self.below(leaves.len() as u8))].to_owned()
    }

    fn expression(&mut self, kind: Kind, depth: usize) -> String {
        if depth == 0 || self.choices.len() == 0 {
            return self.leaf(kind);
        }
        let form = match kind {
            Kind::Number => match self.below(30) {
                0..4 => "(# + #)",
                4..6 => "(# - #)",
                6..10 => "# * (#)",
                10 => "(#)/(abs(#) + 0.5)",
                11 => "(#)/(#)",
                12 => "(#)**2",
                13 => "abs(#)**0.7",
                14 => "exp(clip(#, -20, 20))",
                15 => "log(abs(#) + 0.1)",
                16 => "sin(#)",
                17 => "cos(#)",
                18 => "tanh(#)",
                19 => "sqrt(abs(#))",
                20 => "exprel(clip(#, -5, 5))",
                21 => "int(?)",
                22 => "(@)/(abs(@) + 1*mV)",
                23 => "floor(#)",
                24 => "(#) % 3",
                25 => "-(#)",
                26 => "int(?)*(#) + int(not (?))*(#)",
                27 => "clip(#, -2, 3)",
                28 => "arctan(#)",
                _ => "log1p(abs(#))",
            },
            Kind::Voltage => match self.below(9) {
                0 | 1 => "(@ + @)",
                2 => "(@ - @)",
                3 => "(@) * (#)",
                4 => "(@)/(abs(#) + 1)",
                5 => "abs(@)",
                6 => "-(@)",
                7 => "clip(@, -70*mV, 30*mV)",
                _ => "int(?) * (@)",
            },
            Kind::Truth => match self.below(7) {
                0 => "(# < #)",
                1 => "(@ >= @)",
                2 => "(? and ?)",
                3 => "(? or ?)",
                4 => "(not (?))",
                5 => "(# != #)",
                _ => "(# <= clip(#, -1, 1))",
            },
        };
        let mut out = String::new();
        for c in form.chars() {
            match c {
                '#' => out += &self.expression(Kind::Number, depth - 1),
                '@' => out += &self.expression(Kind::Voltage, depth - 1),
                '?' => out += &self.expression(Kind::Truth, depth - 1),
                c => out.push(c),
            }
        }
        out
    }
}

fn model(choices: &[u8], n: usize, method: &str) -> String {
    let mut writer = Writer {
        choices: choices.iter(),
    };
    let mut text = |kind: Kind| writer.expression(kind, 4);
    use Kind::{Number, Truth, Voltage};
    let (dx, dv, y, u, threshold) = (
        text(Number),
        text(Voltage),
        text(Number),
        text(Voltage),
        text(Truth),
    );
    let (regular, truth) = (text(Number), text(Truth));
    // A subexpression may not depend on itself.
    let sub = text(Number).replace("sub", "x");
    format!(
        "\
G = NeuronGroup({n}, '''dx/dt = clip({dx}, -5, 5)/(2*ms) : 1
dv/dt = clip({dv} - v, -90*mV, 90*mV)/(3*ms) : volt
sub = {sub} : 1
y : 1
u : volt
p : boolean''', threshold='{threshold}', reset='''y = clip({y}, -9, 9)
v = clip({u}, -80*mV, 40*mV)''', method='{method}')
G.x = 'sin(i)'
G.v = '(i - 20)*5*mV'
G.u = '-i*mV'
G.p = 'i % 3 == 1'
G.run_regularly('''y = clip({regular}, -8, 8)
p = {truth}''', dt=0.2*ms)
spikes = SpikeMonitor(G)
run(0.8*ms)
save(x=G.x, v=G.v, y=G.y, p=G.p, sub=G.sub)
"
    )
}

#[test]
fn same_bits_from_text() {
    let number = std::env::var("DSLSIM_MODELS").map_or(250, |n| n.parse().unwrap());
    let config = ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::with_cases(number)
    };
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("random-{}.eq", std::process::id()));
    let method = prop::sample::select(vec!["euler", "rk2", "rk4", "heun"]);
    let input = (
        prop::collection::vec(any::<u8>(), 20..300),
        1..50_usize,
        method,
    );
    let (done, refused) = (Cell::new(0), Cell::new(0));
    let last = std::cell::RefCell::new(String::new());
    TestRunner::new(config)
        .run(&input, |(choices, n, method)| {
            let text = model(&choices, n, method);
            std::fs::write(&path, &text).unwrap();
            for strict in [false, true] {
                let with = |setup: Setup| run(&path, &setup.strict(strict)).done();
                match (with(Setup::interpreter()), with(Setup::jit())) {
                    (Ok(a), Ok(b)) => {
                        let same = same_bits(&recorded(&a.results), &recorded(&b.results));
                        prop_assert!(same.is_ok(), "{same:?}, strict {strict}\n{text}");
                        done.set(done.get() + 1);
                    }
                    (Err(a), Err(b)) => {
                        prop_assert_eq!(&a, &b, "{}", text);
                        prop_assert!(!a.contains("panic"), "{}\n{}", a, text);
                        refused.set(refused.get() + 1);
                        last.replace(a);
                    }
                    (a, b) => prop_assert!(false, "{:?}, but {:?}\n{text}", a.err(), b.err()),
                }
            }
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{e}"));
    std::fs::remove_file(&path).unwrap();
    let (done, refused) = (done.get(), refused.get());
    assert!(
        done > 2 * refused,
        "{done} simulated, but {refused} refused, such as\n{}",
        last.borrow()
    );
}
