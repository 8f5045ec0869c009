//! The `dslsim` command.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use dslsim::{Backend, Disk, Interpreter, Jit, Options, Progress, Rng};

struct Quiet;
impl Progress for Quiet {
    fn begin(&mut self, _: f64) {}
    fn step(&mut self, _: u64, _: u64, _: f64) {}
    fn end(&mut self) {}
    fn print(&mut self, text: &str) {
        println!("{text}");
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut o = Options {
        settings: vec![],
        seed: None,
        rng: Rng::Fast,
        strict: false,
        backend: Arc::new(Interpreter),
        check: false,
        allow_nan: false,
        max_time: None,
        profile: false,
        stop: Arc::new(AtomicBool::new(false)),
    };
    let mut jit = true;
    let mut file = String::new();
    let mut out = None;
    let mut it = args.iter().skip(1);
    while let Some(a) = it.next() {
        match a.as_str() {
            "run" => {}
            "check" => o.check = true,
            "--set" => {
                let (n, v) = it.next().unwrap().split_once('=').unwrap();
                o.settings.push((n.into(), v.into()));
            }
            "--rng" => o.rng = if it.next().unwrap() == "brian2" { Rng::Brian2 } else { Rng::Fast },
            "--seed" => o.seed = Some(it.next().unwrap().parse().unwrap()),
            "--backend" => jit = it.next().unwrap() == "jit",
            "--out" => out = it.next().cloned(),
            "--strict-math" => o.strict = true,
            "--profile" => o.profile = true,
            "--quiet" => {}
            "--message-format" => {
                it.next();
            }
            f => file = f.into(),
        }
    }
    if jit {
        o.backend = Arc::new(Jit::new().unwrap()) as Arc<dyn Backend>;
    }
    let finished = dslsim::execute(Path::new(&file), o, &Disk, &mut Quiet);
    eprint!("{}", dslsim_source::render(&finished.diagnostics, &finished.sources, dslsim_source::MessageFormat::Short, false));
    for (name, r) in finished.results.arrays.iter().take(12) {
        println!("{name} {:?} {:?}", r.shape, r.array.get_f64(0));
    }
    println!("{:?} first step {:?}", finished.timing, finished.first_step);
    for p in &finished.parts {
        println!("  {:40} {:8.4}", p.name, p.seconds);
    }
    if let Some(out) = out {
        dslsim::results::write(Path::new(&out), &finished.results, Default::default(), &finished.timing, &finished.parts, &[], finished.interrupted).unwrap();
    }
    std::process::exit(i32::from(finished.diagnostics.has_errors()));
}
