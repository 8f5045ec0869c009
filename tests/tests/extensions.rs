//! What the language has beyond Brian2's: models whose results are known by hand.

use dslsim_tests::{Setup, folder, run};

#[test]
fn several_objects_sum_into_one_variable() {
    let model = folder("extensions").join("summed_additive.eq");
    for setup in [Setup::jit(), Setup::interpreter()] {
        let finished = run(&model, &setup).expect_done();
        let y = finished.results.arrays["y"].array.float_vec();
        assert_eq!(y, [333.0, 333.0]);
    }
}
