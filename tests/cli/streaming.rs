//! Recordings beyond what memory may hold go to a file while the model runs; results are the same.

use std::fs;

use crate::support::{Place, names};

/// About 7 MB of recordings of all kinds.
const MODEL: &str = "\
seed(3)
G = NeuronGroup(30, '''dv/dt = (1.5 - v)/(10*ms) + 0.3*xi*(10*ms)**-0.5 : 1
                       n : integer
                       high = v > 0.5 : boolean''', threshold='v > 1', reset='v = 0; n += 1', method='euler')
M = StateMonitor(G, ['v', 'n', 'high'], record=arange(25))
single = StateMonitor(G, 'v', record=7)
spikes = SpikeMonitor(G, variables='v')
rate = PopulationRateMonitor(G)
run(600*ms)
run(600*ms)
save(v=M.v[3], w=M[3].v, last=M.n[:, -1], t=M.t[::100], r=rate.smooth_rate(window='flat', width=5*ms)[:9],
     i=spikes.i[:50], train=spikes.spike_trains()[4], at=spikes.v[:20])
";

#[test]
fn results_are_those_of_memory() {
    let place = Place::with(MODEL);
    for format in ["npy", "npz"] {
        let run = |out: &str, memory: &str| {
            let words = [
                "run",
                "model.eq",
                "--format",
                format,
                "--out",
                out,
                "--max-memory",
                memory,
            ];
            place.run(&words).exits(0)
        };
        let whole = run("whole", "4G");
        let told = run("streamed", "10M");
        let rows = |text: &str| {
            text.lines()
                .filter(|l| l.contains('['))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let same = rows(&whole.out)
            .iter()
            .zip(rows(&told.out))
            .filter(|(a, b)| **a == *b)
            .count();
        assert!(
            same + 2 >= rows(&whole.out).len() && same > 5,
            "{}\n{}",
            whole.out,
            told.out
        );
        let all = names(&place.path("whole"));
        assert_eq!(all, names(&place.path("streamed")));
        for name in all.iter().filter(|n| n.ends_with(".npy")) {
            let read = |out: &str| fs::read(place.path(out).join(name)).unwrap();
            assert!(read("whole") == read("streamed"), "{name} differs");
        }
        if format == "npz" {
            let arrays = |out: &str| {
                let mut npz =
                    npyz::npz::NpzArchive::open(place.path(out).join("results.npz")).unwrap();
                let names: Vec<String> = npz.array_names().map(str::to_owned).collect();
                let mut all: Vec<(String, Vec<u64>, Vec<u64>)> = Vec::new();
                for name in names {
                    let array = npz.by_name(&name).unwrap().unwrap();
                    let shape = array.shape().to_vec();
                    let values = match array.dtype().descr().contains("f8") {
                        true => array
                            .into_vec::<f64>()
                            .unwrap()
                            .iter()
                            .map(|x| x.to_bits())
                            .collect(),
                        false => match array.dtype().descr().contains("b1") {
                            true => array
                                .into_vec::<bool>()
                                .unwrap()
                                .iter()
                                .map(|x| u64::from(*x))
                                .collect(),
                            false => array
                                .into_vec::<i64>()
                                .unwrap()
                                .iter()
                                .map(|x| *x as u64)
                                .collect(),
                        },
                    };
                    all.push((name, shape, values));
                }
                all.sort();
                all
            };
            assert!(arrays("whole") == arrays("streamed"));
        }
    }
}

/// What would not fit into memory is refused where it is asked for, and what was recorded is written all the same.
#[test]
fn a_recording_that_is_too_large_for_memory() {
    let model = "\
G = NeuronGroup(100, 'dv/dt = (2 - v)/(10*ms) : 1', threshold='v > 1', reset='v = 0', method='exact')
M = StateMonitor(G, 'v', record=True)
run(1*second)
row = M[7].v
total = sum(M.v)
save(row=row, total=total)
";
    let place = Place::with(model);
    let ended = place
        .run(&["run", "model.eq", "--max-memory", "5M"])
        .exits(1);
    assert!(ended.err.contains("error[too-large]"), "{}", ended.err);
    assert!(ended.err.contains("model.eq:5:"), "{}", ended.err);
    assert!(place.path("results/model/M.v.npy").exists());
    let left = names(&place.path("results/model"));
    assert!(left.iter().all(|n| !n.ends_with(".part")), "{left:?}");
}
