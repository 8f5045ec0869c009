//! What is said about mistakes: place, words, way out; and that one mistake is told once.

mod common;

use common::run;

/// Each script with all that is said about it.
const CASES: &[(&str, &str)] = &[
    (
        "x = 3*mV + 2*nA\n",
        "m.eq:1:5: error[dimension-mismatch]: cannot add volt and amp",
    ),
    (
        "x = 3*mV + 2\n",
        "m.eq:1:5: error[dimension-mismatch]: cannot add volt and dimensionless; help: the right side has no unit; multiply it with one of volt",
    ),
    (
        "x = 3*mV > 2*nA\n",
        "m.eq:1:5: error[dimension-mismatch]: cannot compare volt and amp",
    ),
    (
        "x = 3*mV - 0\ny = 0 < 2*ms\nz = clip([1, 2]*mV, 0, 3*mV)\n",
        "",
    ),
    (
        "x = [1, 2] + array([1, 2, 3])\n",
        "m.eq:1:5: error[shape-mismatch]: arrays of shapes (2,) and (3,) do not fit together",
    ),
    (
        "tau_m = 10*ms\nx = 2*taum\ny = x + 1\n",
        "m.eq:2:7: error[unknown-name]: unknown name `taum`; help: did you mean `tau_m`?",
    ),
    (
        "tau = 20*msec\n",
        "m.eq:1:10: error[unknown-name]: unknown name `msec`; help: did you mean `ms`?",
    ),
    (
        "x = meen([1, 2])\n",
        "m.eq:1:5: error[unknown-name]: unknown name `meen`; help: did you mean `mean`?",
    ),
    (
        "x = mean([1, 2], axes=0)\n",
        "m.eq:1:18: error[unknown-argument]: mean has no argument `axes`; help: did you mean `axis`?",
    ),
    (
        "x = mean()\n",
        "m.eq:1:5: error[missing-argument]: mean needs the argument `a`; help: the call is mean(a, axis=, dtype=, out=, keepdims=)",
    ),
    (
        "x = sqrt(1, 2, 3)\n",
        "m.eq:1:13: error[too-many-arguments]: sqrt takes at most 1 positional argument, not 3; help: the call is sqrt(x)",
    ),
    (
        "x = linspace(0, 1, num=3, num=4)\n",
        "m.eq:1:27: error[repeated-argument]: argument `num` of linspace is given twice; help: leave out one of them",
    ),
    (
        "G = NeuronGroup(3, 'v : 1', thresold='v > 1')\nG.v = 2\n",
        "m.eq:1:29: error[unknown-argument]: NeuronGroup has no argument `thresold`; help: did you mean `threshold`?",
    ),
    (
        "G = NeuronGroup(3, 'v : 1')\nM = SpikeMonitor(G, v)\n",
        "m.eq:2:21: error[unknown-name]: unknown name `v`; help: a variable of a model is named in quotes: `'v'`",
    ),
    (
        "G = NeuronGroup(3, 'v : 1')\nM = SpikeMonitor(G)\nM = SpikeMonitor(G)\n",
        "m.eq:3:1: warning[object-name-reused]: `M` already names a SpikeMonitor, which loses its name; help: the results of the first cannot be reached any more; give the second another name",
    ),
    (
        "ms = 3\nx = ms*2\n",
        "m.eq:1:1: warning[shadowed-name]: `ms` hides the unit `ms`; help: in the script the new value counts, inside strings still the unit; choose another name",
    ),
    (
        "e = 100\n",
        "m.eq:1:1: warning[shadowed-name]: `e` hides the constant `e`; help: in the script the new value counts, inside strings still the constant; choose another name",
    ),
    (
        "x = exp(3*mV)\n",
        "m.eq:1:9: error[dimension-mismatch]: exp needs a dimensionless number; this is in volt; help: divide by a quantity in volt",
    ),
    (
        "x = arange(5)[7]\n",
        "m.eq:1:15: error[index-out-of-range]: there is no entry 7 among 5; help: entries are counted from 0 to 4",
    ),
    (
        "x = [1, 2][0.5]\n",
        "m.eq:1:12: error[wrong-type]: a position must be a whole number, not the number 0.5; help: use `int(…)`, or `//` for whole quotients",
    ),
    (
        "x = zeros(5/2)\n",
        "m.eq:1:11: error[wrong-type]: zeros: a length must be a whole number, not 2.5; help: use `int(…)`, or `//` for whole quotients",
    ),
    (
        "x = zeros(10**12)\n",
        "m.eq:1:11: error[too-large]: an array of 1000000000000 elements (7450 GiB) is too large; the limit is 268435456 elements",
    ),
    (
        "x = [0]*10**9\n",
        "m.eq:1:5: error[too-large]: a list or string of more than 10000000 entries is too large; use an array",
    ),
    (
        "x = ones(20000)\ny = outer(x, x)\n",
        "m.eq:2:5: error[too-large]: an array of 400000000 elements (2 GiB) is too large; the limit is 268435456 elements",
    ),
    (
        "x = 1 if arange(3) > 1 else 2\n",
        "m.eq:1:10: error[ambiguous-truth]: an array of 3 values is neither true nor false; help: use `any(…)` or `all(…)`; masks are combined by `&`, `|`, `~`",
    ),
    (
        "a, b = 1, 2, 3\nc = a + b\n",
        "m.eq:1:8: error[shape-mismatch]: 3 values for 2 names",
    ),
    (
        "x = 5\ny = x(3)\n",
        "m.eq:2:5: error[not-callable]: the number 5 cannot be called; help: a product is written with `*`",
    ),
    (
        "x = {'alpha': 1}\ny = x['alpa']\n",
        "m.eq:2:7: error[unknown-key]: the dict has no key 'alpa'; help: did you mean `'alpha'`?",
    ),
    (
        "x = [1, [2, 3]]*ms\n",
        "m.eq:1:5: error[ragged-list]: the entries of this list have different shapes: () and (2,); help: every row must have the same length; to join arrays, use `concatenate`",
    ),
    (
        "a = zeros(3)\nb = a\nb[0] = 1\n",
        "m.eq:3:1: warning[shared-array]: in Python this would change `a` as well; here `b` and `a` are separate; help: write `.copy()` where the second is made, then both agree",
    ),
    (
        "a = zeros(3)\nb = a.copy()\nb[0] = 1\na = a + 1\na[0] = 2\n",
        "",
    ),
    (
        "a = zeros(3)\na[0] = 3*mV\n",
        "m.eq:2:8: warning[unit-lost]: the array has no unit: the value is stored as a plain number in volt; help: divide the value by its unit, or make the array with one: `zeros(n)*volt`",
    ),
    (
        "a = zeros(3)*mV\na[0] = 3\n",
        "m.eq:2:8: error[dimension-mismatch]: the array is in volt; this is dimensionless",
    ),
    (
        "x = (2*mV)**[1, 2]\n",
        "m.eq:1:5: error[dimension-mismatch]: a quantity in volt can be raised to one power only, not to an array of powers",
    ),
    (
        "x = 2**(3*ms)\n",
        "m.eq:1:5: error[dimension-mismatch]: an exponent must be a plain number; this is in second",
    ),
    (
        "x = 'a' + 3\n",
        "m.eq:1:5: error[wrong-type]: cannot add the string 'a' and the number 3",
    ),
    (
        "x = 'a{}b{}'.format(1)\n",
        "m.eq:1:10: error[format-string]: no value number 2 is given to `format`",
    ),
    (
        "x = np.save('a', [1])\n",
        "m.eq:1:8: error[unknown-name]: `numpy.save` is not known here; help: results are written by `save(name=value)`",
    ),
    (
        "x = SpatialNeuron(3)\n",
        "m.eq:1:5: error[not-supported]: `SpatialNeuron` is not supported yet; help: multicompartment neurons and user functions are not part of this release; use several NeuronGroups coupled by Synapses, or `run_regularly`",
    ),
    (
        "x = 1/0\n",
        "m.eq:1:7: warning[division-by-zero]: division by zero",
    ),
    (
        "x = foo + quux\ny = [baz, x]\nz = y\n",
        "m.eq:1:5: error[unknown-name]: unknown name `foo`\nm.eq:1:11: error[unknown-name]: unknown name `quux`\nm.eq:2:6: error[unknown-name]: unknown name `baz`",
    ),
    (
        "x = arange(0*ms, 1*ms)\n",
        "m.eq:1:5: error[dimension-mismatch]: arange in second needs a step with a unit; help: write `arange(start, stop, step*second)`, or `arange(n)*second`",
    ),
    (
        "x = arange(3)\nx.lenght\n",
        "m.eq:2:3: error[unknown-attribute]: an array of 3 values has no attribute `lenght`",
    ),
    (
        "x = arange(3).summ()\n",
        "m.eq:1:15: error[unknown-attribute]: an array of 3 values has no method `summ`; help: did you mean `sum`?",
    ),
    (
        "x = concatenate([[1]*mV, [2]*ms])\n",
        "m.eq:1:17: error[dimension-mismatch]: cannot put volt and second into one array; help: all entries of an array have the same unit",
    ),
    (
        "x = arange(6).reshape(4, 2)\n",
        "m.eq:1:5: error[shape-mismatch]: 6 elements do not fit into shape (4, 2)",
    ),
];

#[test]
fn mistakes_are_told_well() {
    let mut wrong = String::new();
    for (script, expected) in CASES {
        let said = run(script).said();
        if said.trim_end() != *expected {
            wrong += &format!("{script}  expected: {expected}\n  said:     {said}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Runs a script that must end soon without a panic.
fn survives(script: &str) {
    let start = std::time::Instant::now();
    run(script);
    assert!(start.elapsed().as_secs() < 5, "slow: {script}");
}

#[test]
fn every_function_survives_odd_arguments() {
    let odd = [
        "",
        "1",
        "[]",
        "'a'",
        "None",
        "[1, 2]*mV",
        "arange(3), 1",
        "zeros((0, 2)), 0",
        "[nan, 1], [inf, 2], 3",
        "zeros((2, 2)), [1, 2]",
        "-1",
        "1e300, -1e300, 1e-300",
        "{}",
        "sin",
        "[[1, 2], [3]]",
        "3, 'x', axis=5",
        "ones((2, 3, 4)), -1",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775807 - 1, -1",
        "[True, False], True",
    ];
    for function in dslsim_script::function_table() {
        if function.name == "include" {
            continue;
        }
        for args in odd {
            // it must only not panic
            survives(&format!("x = {}({args})\n", function.name));
        }
    }
    let operators = [
        "+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>", "<", "==", "in", "and",
    ];
    let operands = [
        "0",
        "-1",
        "2.5",
        "3*mV",
        "'a%d'",
        "[1, 2]",
        "[]",
        "zeros((0, 3))",
        "arange(6).reshape(2, 3)",
        "[True, False]",
        "None",
        "{'a': 1}",
        "9223372036854775807",
        "nan",
        "sin",
        "(1, 2)",
        "-9223372036854775807 - 1",
        "True",
    ];
    for op in operators {
        for a in operands {
            for b in operands {
                survives(&format!(
                    "x = ({a}) {op} ({b})\ny = arange(6).reshape(2, 3)\ny[{a}] = {b}\nz = y[{a}, {b}]\nw = y[{a}:{b}]\n"
                ));
            }
        }
    }
}

#[test]
fn the_table_is_whole() {
    let table = dslsim_script::function_table();
    let names: Vec<&str> = table.iter().map(|f| f.name).collect();
    for name in "arange linspace zeros ones array full len range int float abs min max sum mean std var median sqrt exp log log10 sin cos tan arcsin arccos arctan sinh cosh tanh clip where concatenate repeat tile reshape diff cumsum cumprod sort argsort unique histogram round floor ceil isnan any all dot outer meshgrid rand randn hstack vstack stack convolve interp percentile argmax argmin zeros_like ones_like full_like eye nonzero logspace sign maximum minimum prod transpose ravel squeeze nanmean floor_divide mod power arctan2 hypot array_equal count_nonzero searchsorted bool str sorted list tuple print include".split_whitespace() {
        assert!(names.contains(&name), "{name}");
    }
    // a function that is also a unit could not be called
    for name in names {
        assert!(dslsim_units::lookup(name).is_none(), "{name}");
    }
}
