//! The legacy generator against numpy 2.4.6, `numpy.random.RandomState`.

use dslsim_math::Mt19937;

#[test]
fn words_and_uniform() {
    let mut g = Mt19937::new(0);
    let expected = [
        2_357_136_044,
        2_546_248_239,
        3_071_714_933,
        3_626_093_760,
        2_588_848_963,
    ];
    assert_eq!(expected.map(|_: u32| g.next_u32()), expected);

    let mut g = Mt19937::new(42);
    let expected = [
        0.374_540_118_847_362_5,
        0.950_714_306_409_916_2,
        0.731_993_941_811_405_1,
        0.598_658_484_197_036_6,
        0.156_018_640_442_436_52,
    ];
    assert_eq!(expected.map(|_| g.rand()), expected);

    let mut g = Mt19937::new(u32::MAX);
    let expected = [
        0.097_632_028_993_813_8_f64,
        0.912_382_845_302_621_8,
        0.789_035_301_851_64,
    ];
    let got = expected.map(|_| g.rand());
    assert!(got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
}

#[test]
fn normal() {
    let mut g = Mt19937::new(42);
    let expected = [
        0.496_714_153_011_232_7,
        -0.138_264_301_171_184_66,
        0.647_688_538_100_692_5,
        1.523_029_856_408_025_4,
        -0.234_153_374_723_335_97,
        -0.234_136_956_949_180_55,
        1.579_212_815_507_391_5,
    ];
    assert_eq!(expected.map(|_| g.randn()), expected);

    let mut g = Mt19937::new(42);
    for _ in 1..100_000 {
        g.randn();
    }
    assert_eq!(g.randn(), 0.120_062_940_824_145_22);
    assert_eq!(g.rand(), 0.295_069_600_839_722_2);
}

#[test]
fn interleaved() {
    let mut g = Mt19937::new(42);
    let got = [
        g.randn(),
        g.rand(),
        g.randn(),
        g.rand(),
        g.randn(),
        g.randn(),
        g.rand(),
    ];
    let expected = [
        0.496_714_153_011_232_7,
        0.731_993_941_811_405_1,
        -0.138_264_301_171_184_66,
        0.598_658_484_197_036_6,
        -0.234_153_374_723_335_97,
        -0.234_136_956_949_180_55,
        0.058_083_612_168_199_46,
    ];
    assert_eq!(got, expected);
}

#[test]
fn seeding_forgets_the_cached_value() {
    let mut g = Mt19937::new(1);
    g.randn();
    g.seed(42);
    assert_eq!(g, Mt19937::new(42));
    assert_eq!(g.randn(), 0.496_714_153_011_232_7);
}

#[test]
fn state_goes_through_bytes() {
    let mut g = Mt19937::new(5);
    for _ in 0..1001 {
        g.randn();
    }
    let bytes = g.to_bytes();
    assert_eq!(bytes.len(), Mt19937::BYTES);
    let restored = Mt19937::from_bytes(&bytes);
    assert_eq!(restored.as_ref(), Some(&g));
    if let Some(mut restored) = restored {
        assert!((0..2000).all(|_| restored.randn() == g.randn()));
    }
    assert_eq!(Mt19937::from_bytes(&bytes[1..]), None);
    let mut bad = bytes;
    bad[4 * 624..4 * 624 + 4].copy_from_slice(&700_u32.to_le_bytes());
    assert_eq!(Mt19937::from_bytes(&bad), None);
}
