//! Statements: binding, unpacking, parts, objects, includes, imports, printing.

mod common;

use common::{Dummy, run, run_with};
use dslsim_script::Value;
use dslsim_units::Dim;

#[test]
fn names_are_bound_in_all_forms() {
    let r = run(
        "a = b = 3\nc, d = 1, 2.5\n(e1, f), g = (1, 2), 'x'\nh = [1, 2, 3]\nh[1] = 20\nk = {'p': [1, 2]}\nk['p'][0] = 7\nk['q'] = 3*mV\nx = 5; x += 2; x *= 10*ms\n",
    );
    assert_eq!(r.said(), "");
    assert_eq!(r.value("b"), Value::Int(3));
    assert_eq!(r.value("f"), Value::Int(2));
    assert_eq!(
        r.value("h"),
        Value::List(vec![Value::Int(1), Value::Int(20), Value::Int(3)])
    );
    let Value::Dict(k) = r.value("k") else {
        panic!()
    };
    assert_eq!(k["p"], Value::List(vec![Value::Int(7), Value::Int(2)]));
    assert_eq!(k["q"], Value::Quantity(0.003, Dim::VOLT));
    assert_eq!(r.value("x"), Value::Quantity(0.07, Dim::TIME));
    let names: Vec<String> = r
        .interpreter
        .parameters()
        .iter()
        .map(|(n, _)| (*n).to_string())
        .collect();
    assert_eq!(names.join(" "), "a b c d e1 f g x");
}

#[test]
fn parts_of_arrays_are_set() {
    let r = run(
        "N, runs = 2, 3\nconn = zeros([N*runs, runs])\nconn[0:N, 0] = 1\nconn[N:2*N, 1] = 1\nconn[2*N:, 2] = 1\nsources, targets = conn.nonzero()\n\
                 acc = zeros(3)\nacc[0] += 2.5\nacc[[1, 2]] = [7, 8]\nacc[acc > 7] *= 2\nu = zeros(2)*mV\nu[0] = 3*mV\nu[1] = 0\nw = zeros((2, 3))\nw[0][1] = 4\nw[:, 0] = [5, 6]\nw[1, ...] = 1\n",
    );
    assert_eq!(r.said(), "");
    let ints = |n: &str| {
        if let Value::Array(a) = r.value(n) {
            a.int_vec()
        } else {
            vec![]
        }
    };
    assert_eq!(ints("targets"), [0, 0, 1, 1, 2, 2]);
    assert_eq!(ints("sources"), [0, 1, 2, 3, 4, 5]);
    let floats = |n: &str| {
        if let Value::Array(a) = r.value(n) {
            a.float_vec()
        } else {
            vec![]
        }
    };
    assert_eq!(floats("acc"), [2.5, 7.0, 16.0]);
    assert_eq!(floats("u"), [0.003, 0.0]);
    assert_eq!(floats("w"), [5.0, 4.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn objects_are_the_hosts() {
    let r = run(
        "from brian2 import *\nG = NeuronGroup(3, 'v : volt', method='exact')\nG.v = 2*mV\nG.v[0:2] = 3*mV\nG.v['i > 1'] *= 2\nG.v += 1*mV\nlive = G.v\ncopy = G.v + 0*mV\n\
                 m = mean(G.v)\nall2 = concatenate([G.v, [1]*mV])\nn = len(G)\nG.connect(i=1)\nsub = G[1:]\nt = G.v[2]\ns = G.v.shape\nmx = G.v.max()\n\
                 eqs = Equations('v : 1') + 'x : 1'\neqs += 'y : 1'\nlive *= 3\nprint('mean', m, G.N, G.v)\nsave(a=G.v, b=1)\ndefaultclock.dt = 0.1*ms\nassert_ = 2 in arange(3)\n",
    );
    assert_eq!(r.said(), "");
    assert_eq!(r.value("m"), Value::Quantity(0.002, Dim::VOLT));
    assert_eq!(r.value("mx"), Value::Quantity(0.002, Dim::VOLT));
    assert_eq!(r.value("n"), Value::Int(3));
    assert_eq!(r.value("s"), Value::Tuple(vec![Value::Int(3)]));
    assert_eq!(r.value("assert_"), Value::Bool(true));
    assert!(matches!(r.value("live"), Value::Object(o) if o.class == "view"));
    assert!(matches!(r.value("all2"), Value::Array(a) if a.len() == 4 && a.dim == Dim::VOLT));
    assert_eq!(r.host.printed, ["mean 2 mV 3 [2 2 2] mV"]);
    let log = r.host.log.join("\n");
    for part in [
        "G is NeuronGroup",
        "set v Set the quantity 2 mV",
        "set item view [\"Slice(Slice { low: Some(0), high: Some(2), step: None })\"] Set the quantity 3 mV",
        "set item view [\"i > 1\"] Update(Mul) the number 2",
        "set v Update(Add) the quantity 1 mV",
        "connect/1",
        "set dt Set the quantity 100 us",
        "set item view [\"Ellipsis\"] Update(Mul) the number 3",
        "save(a=a view, b=the number 1)",
    ] {
        assert!(log.contains(part), "{part} is not in\n{log}");
    }
}

#[test]
fn imports_give_second_names() {
    let r = run(
        "from brian2 import *\nimport numpy as np\nimport matplotlib.pyplot as plt\nfrom numpy import mean as average_of, pi as PI\nx = np.pi + np.mean([1, 2])\ny = average_of([2, 4])\nz = np.random.rand(2)\n%matplotlib inline\nstart_scope()\nw = zeros(2, dtype=np.int64)\n",
    );
    assert_eq!(r.said(), "");
    assert_eq!(r.value("x"), Value::Float(std::f64::consts::PI + 1.5));
    assert_eq!(r.value("y"), Value::Float(3.0));
    assert_eq!(r.host.drawn, 2);
    let r = run("import os\nfrom brian2 import *\nx = os.path\ny = 3*ms\n");
    assert_eq!(r.said().lines().count(), 1, "{}", r.said());
    assert!(
        r.said()
            .starts_with("m.eq:1:8: error[unknown-import]: cannot import `os`"),
        "{}",
        r.said()
    );
}

#[test]
fn files_are_included_and_cycles_refused() {
    let host = || {
        let files = [
            ("a.eq", "include('b.eq')\nx = 1\n"),
            ("b.eq", "y = k*2\n"),
            ("c.eq", "include('c.eq')\n"),
        ];
        Dummy {
            files: files.map(|(n, t)| (n.to_string(), t.to_string())).to_vec(),
            ..Dummy::default()
        }
    };
    let r = run_with("k = 4\ninclude('a.eq')\nz = x + y\n", &[("y", "5")], host());
    assert_eq!(r.said(), "");
    assert_eq!(r.value("z"), Value::Int(6));
    let r = run_with("include('c.eq')\n", &[], host());
    assert!(
        r.said()
            .starts_with("c.eq:1:9: error[include-cycle]: `c.eq` includes itself"),
        "{}",
        r.said()
    );
    let r = run_with("include('d.eq')\n", &[], host());
    assert!(
        r.said().starts_with("m.eq:1:9: error[include-missing]"),
        "{}",
        r.said()
    );
}

#[test]
fn parameters_are_set_from_outside() {
    let text =
        "tau = 10*ms\nrate = 1/tau\nN = 5\nname = 'a'\nflag = True\na, b = 1, 2\ntau = 2*tau\n";
    let r = run_with(
        text,
        &[
            ("tau", "20*ms"),
            ("N", "N0 if False else 7"),
            ("b", "tau/ms"),
            ("flag", "False"),
        ],
        Dummy::default(),
    );
    assert_eq!(r.said(), "");
    assert_eq!(r.value("rate").as_f64(), Some(50.0));
    assert_eq!(r.value("tau").as_f64(), Some(0.04));
    assert_eq!(r.value("N"), Value::Int(7));
    assert_eq!(r.value("b").as_f64(), Some(20.0));
    assert_eq!(r.value("flag"), Value::Bool(false));
    let said = |name: &str, value: &str| run_with(text, &[(name, value)], Dummy::default()).said();
    assert_eq!(
        said("tau", "20"),
        "--set:1:1: error[dimension-mismatch]: parameter `tau` is in second; this is dimensionless; help: give the unit too: `tau=…*second`\n"
    );
    assert_eq!(
        said("taau", "20"),
        "--set:1:1: error[unknown-parameter]: the model has no parameter `taau`; help: did you mean `tau`?\n"
    );
    assert!(said("N", "'x'").contains("parameter `N` is a number, not the string 'x'"));
    assert!(said("name", "3").contains("is a string, not the number 3"));
    assert_eq!(
        run_with(
            "tau = 10*ms\nx = tau + 1*ms\n",
            &[("tau", "0")],
            Dummy::default()
        )
        .said(),
        ""
    );
}

#[test]
fn random_numbers_are_the_hosts() {
    let r = run("x = rand(3)\ny = randn(2, 2)\nz = rand()\nu = uniform(1*mV, 3*mV, 4)\n");
    assert_eq!(r.said(), "");
    assert_eq!(r.host.drawn, 12);
    assert_eq!(r.value("z"), Value::Float(0.25));
    assert!(matches!(r.value("u"), Value::Array(a) if a.get_f64(0) == Some(0.0015)));
}

#[test]
fn unknown_values_stay_silent() {
    let host = Dummy {
        checking: true,
        ..Dummy::default()
    };
    let r = run_with(
        "G = NeuronGroup(3, 'v : volt')\nm = mean(G.v)\nx = m/mV\ny = exp(x)[2:5]\nz = where(G.v > 2*mV, 1, 0)\nacc = zeros(3)\nacc[0] = m/mV\nacc[y] = 1\na, b = G.v\nq = 'x' if x > 3 else 'y'\nprint(m)\nt = G.v.mean(axis=0) + G.v[99]\nbad = m + 3*nA\nworse = exp(G.v)\nfinal = bad + 1\ns = f'{x:.2f}'\n",
        &[],
        host,
    );
    assert_eq!(
        r.said(),
        "m.eq:13:7: error[dimension-mismatch]: cannot add volt and amp\nm.eq:14:13: error[dimension-mismatch]: exp needs a dimensionless number; this is in volt; help: divide by a quantity in volt\n"
    );
    assert_eq!(r.value("m"), Value::Unknown(Some(Dim::VOLT)));
    assert_eq!(r.value("x"), Value::Unknown(Some(Dim::NONE)));
    assert!(r.host.printed.is_empty());
}

#[test]
fn strings_keep_their_places() {
    let r = run(
        "k = 3\ns = 'dv/dt = {k}*v : {u}'.format(k=k, u='volt')\nt = f'x{k}y' + 'abc'\nu = 'ab,cd'.replace(',', ' - ')\n",
    );
    assert_eq!(r.said(), "");
    assert_eq!(r.text("s"), "dv/dt = 3*v : volt");
    assert_eq!(r.text("t"), "x3yabc");
    assert_eq!(r.text("u"), "ab - cd");
    let Value::Str(s) = r.value("s") else {
        panic!()
    };
    // `v :` stands where it was written
    let at = r.host.sources.line_column(s.span(10, 11));
    assert_eq!(at, (2, 6 + 12));
}

#[test]
fn values_are_printed_as_in_python() {
    let r = run(
        "print(1.0, 2, True, None, 'a', [1, 'b'], (1,), {'k': 2.5}, sep='|')\nprint(3*mV, 1e-5, 1e16, array([1.5, 2]), arange(3))\nprint('%d and %s' % (3, 4*mV))\nprint([1, 2]*mV, arange(4).reshape(2, 2))\n",
    );
    assert_eq!(r.said(), "");
    assert_eq!(
        r.host.printed,
        [
            "1.0|2|True|None|a|[1, 'b']|(1,)|{'k': 2.5}",
            "3 mV 1e-05 1e+16 [1.5 2] [0 1 2]",
            "3 and 4 mV",
            "[1 2] mV [[0 1]\n [2 3]]"
        ]
    );
}
