//! Pictures: what `savefig`, `show` and `dslsim plot` write, and where.

use std::fs;

use crate::support::Place;

const MODEL: &str = "\
G = NeuronGroup(3, 'dv/dt = (2 - v)/(10*ms) : 1', threshold='v > 1', reset='v = 0', method='exact')
M = StateMonitor(G, 'v', record=True)
spikes = SpikeMonitor(G)
run(50*ms)
fig, (ax1, ax2) = subplots(2, 1, sharex=True)
ax1.plot(M.t/ms, M.v[0], label='$v_0$')
ax1.legend()
points = ax2.scatter(spikes.t/ms, spikes.i, c=spikes.i, cmap='RdBu_r')
fig.colorbar(points, ax=ax2)
savefig('panels/figure.pdf', bbox_inches='tight')
savefig('figure.svg')
show()
";

#[test]
fn pictures_are_results() {
    let place = Place::with(MODEL);
    let ended = place.run(&["run", "model.eq"]).exits(0);
    for name in ["panels/figure.pdf", "figure.svg", "figure_1.png"] {
        assert!(ended.out.contains(name), "{}", ended.out);
    }
    let read = |name: &str| fs::read(place.path("results/model").join(name)).unwrap();
    assert!(read("panels/figure.pdf").starts_with(b"%PDF"));
    assert!(read("figure.svg").starts_with(b"<?xml"));
    let png = read("figure_1.png");
    assert!(png.starts_with(b"\x89PNG"));
    let again = Place::with(MODEL);
    again.run(&["run", "model.eq"]).exits(0);
    assert_eq!(
        png,
        fs::read(again.path("results/model/figure_1.png")).unwrap()
    );
    let described = place.description("results/model");
    assert_eq!(described["pictures"].as_array().map(Vec::len), Some(3));
}

#[test]
fn quick_looks() {
    let place = Place::with(MODEL);
    place.run(&["run", "model.eq"]).exits(0);
    place.run(&["plot", "results/model"]).exits(0);
    assert!(place.path("results/model/overview.png").exists());
    place
        .run(&["plot", "results/model", "M", "--out", "look.svg"])
        .exits(0);
    assert!(place.path("look.svg").exists());
    let ended = place.run(&["plot", "results/model", "N"]).exits(1);
    assert!(ended.err.contains("`M.v`"), "{}", ended.err);
    place
        .run(&["plot", "results/model", "--out", "look.doc"])
        .exits(2);
    place.run(&["plot", "results/nothing"]).exits(1);
}
