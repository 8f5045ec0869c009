//! Inputs that are nearly models: a model with some words, numbers or lines exchanged.
//!
//! Mutating bytes mostly gives text that no grammar accepts. Here words are exchanged for words, so that mistakes of meaning are
//! reached, too.

/// Words of the language that are put where others were.
const WORDS: &[&str] = &[
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "==",
    "!=",
    "<",
    "<=",
    "and",
    "or",
    "not",
    "if",
    "else",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "=",
    "+=",
    "-=",
    "*=",
    ".",
    "'",
    "'''",
    "#",
    "\n",
    " ",
    "@",
    "~",
    "x",
    "v",
    "i",
    "j",
    "t",
    "dt",
    "N",
    "lastspike",
    "not_refractory",
    "v_pre",
    "v_post",
    "w",
    "ms",
    "second",
    "mV",
    "volt",
    "Hz",
    "nS",
    "amp",
    "pF",
    "1",
    "True",
    "False",
    "None",
    "exp",
    "log",
    "sqrt",
    "sin",
    "abs",
    "clip",
    "int",
    "exprel",
    "sign",
    "floor",
    "rand",
    "randn",
    "poisson",
    "xi",
    "xi_1",
    "timestep",
    "NeuronGroup",
    "Synapses",
    "PoissonGroup",
    "PoissonInput",
    "SpikeGeneratorGroup",
    "StateMonitor",
    "SpikeMonitor",
    "PopulationRateMonitor",
    "EventMonitor",
    "TimedArray",
    "Subgroup",
    "Network",
    "Equations",
    "run",
    "seed",
    "save",
    "connect",
    "summed",
    "constant",
    "shared",
    "unless refractory",
    "linked",
    "event-driven",
    "clock-driven",
    "boolean",
    "integer",
    "threshold",
    "reset",
    "refractory",
    "method",
    "on_pre",
    "on_post",
    "delay",
    "order",
    "when",
    "record",
    "namespace",
    "condition",
    "p",
    "n",
    "euler",
    "exact",
    "heun",
    "milstein",
    "rk4",
    "rkf45",
    "exponential_euler",
    "linear",
    "run_regularly",
    "set_spikes",
    "linked_var",
    "store",
    "restore",
    "for",
    "in",
    "range",
    "sample",
    "arange",
    "zeros",
    "ones",
    "linspace",
    "array",
    "shape",
    "mean",
    "reshape",
    "::2",
    "[:]",
    "1:",
    "np.",
    "lambda",
    "f'{x}'",
    "plot",
    "figure",
    "subplot",
    "hist",
    "imshow",
    "title",
    "dv/dt",
    "d",
    "start",
    "stop",
    "events",
    "active",
    "print",
    "len",
    "size",
];

/// Numbers at which something ends.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "2",
    "0.5",
    "-0.0",
    "1e308",
    "1e-320",
    "1e999",
    "inf",
    "nan",
    "2**31",
    "2**63",
    "9223372036854775807",
    "4294967296",
    "100000",
    "1e-9",
    "1e9",
    "0.1",
    "3",
    "7",
    "64",
    "65",
];

/// A sequence of numbers without much meaning (SplitMix64; Steele, Lea and Flood 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Words, numbers, blanks and single signs.
fn pieces(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        _ if c.is_alphanumeric() || c == '_' || c == '.' => 1,
        ' ' => 2,
        _ => 0,
    };
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = class(first);
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| kind == 0 || class(*c) != kind)
            .map_or(rest.len(), |(k, _)| k);
        let (piece, after) = rest.split_at(end);
        all.push(piece);
        rest = after;
    }
    all
}

/// `text` with a few changes; the same `seed` makes the same.
pub fn mutated(text: &str, seed: u64) -> String {
    let mut dice = Dice(seed);
    let mut text = text.to_owned();
    for _ in 0..=dice.below(3) {
        text = if dice.below(4) == 0 {
            of_lines(&text, &mut dice)
        } else {
            of_pieces(&text, &mut dice)
        };
    }
    text
}

fn of_lines(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
    if lines.is_empty() {
        return String::new();
    }
    match dice.below(3) {
        0 => drop(lines.remove(a)),
        1 => lines.insert(a, lines[b]),
        _ => lines.swap(a, b),
    }
    lines.concat()
}

fn of_pieces(text: &str, dice: &mut Dice) -> String {
    let mut all = pieces(text);
    let (a, b) = (dice.below(all.len()), dice.below(all.len()));
    if all.is_empty() {
        return dice.one(WORDS).to_owned();
    }
    match dice.below(7) {
        0 => drop(all.remove(a)),
        1 => all.insert(a, all[b]),
        2 => all.swap(a, b),
        3 => all[a] = dice.one(WORDS),
        4 => all.insert(a, dice.one(WORDS)),
        5 => all[a] = all[b],
        _ => {
            let numbers: Vec<usize> = (0..all.len())
                .filter(|k| all[*k].starts_with(|c: char| c.is_ascii_digit()))
                .collect();
            let at = numbers.get(dice.below(numbers.len())).copied().unwrap_or(a);
            all[at] = dice.one(NUMBERS);
        }
    }
    all.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text() {
        let text = "G = NeuronGroup(1, 'dv/dt = -v/(10.5*ms) : 1')\n# µ\n";
        assert_eq!(pieces(text).concat(), text);
        assert!(pieces(text).contains(&"NeuronGroup") && pieces(text).contains(&"10.5"));
    }

    #[test]
    fn mutations_differ_and_repeat() {
        let text = "x = 1\ny = 2*x\n";
        let all: std::collections::BTreeSet<String> = (0..100).map(|k| mutated(text, k)).collect();
        assert!(all.len() > 60, "{}", all.len());
        assert_eq!(mutated(text, 7), mutated(text, 7));
        assert_eq!(mutated("", 0).len(), mutated("", 0).len());
    }
}
