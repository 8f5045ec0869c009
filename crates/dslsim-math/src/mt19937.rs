//! The Mersenne Twister in numpy's legacy order (`numpy.random.RandomState(seed)`).
//!
//! Matsumoto and Nishimura, ACM TOMACS 8 (1998) 3–30; `rand` and `randn` as numpy's
//! `legacy-distributions.c` has them. Brian2's C++ standalone mode draws the same numbers.

use crate::log::log_nearly_exact;

const N: usize = 624;
const M: usize = 397;

/// One sequential generator; `Clone` saves its whole state.
#[derive(Clone, PartialEq, Debug)]
pub struct Mt19937 {
    state: [u32; N],
    /// The next word of `state` to give out; `N` when all are used up.
    position: usize,
    /// The second value of the last normal pair.
    cached_normal: Option<f64>,
}

impl Mt19937 {
    /// Length of [`Mt19937::to_bytes`].
    pub const BYTES: usize = 4 * N + 4 + 1 + 8;

    /// The generator of `RandomState(seed)`.
    #[must_use]
    pub fn new(seed: u32) -> Mt19937 {
        let mut state = [0; N];
        let mut word = seed;
        for (i, slot) in (1..).zip(&mut state) {
            *slot = word;
            word = 1_812_433_253_u32
                .wrapping_mul(word ^ (word >> 30))
                .wrapping_add(i);
        }
        Mt19937 {
            state,
            position: N,
            cached_normal: None,
        }
    }

    /// Starts again from `seed`; forgets the cached normal value.
    pub fn seed(&mut self, seed: u32) {
        *self = Mt19937::new(seed);
    }

    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.position >= N {
            self.twist();
        }
        let mut y = self.state[self.position];
        self.position += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn twist(&mut self) {
        for i in 0..N {
            let next = self.state[(i + 1) % N];
            let y = (self.state[i] & 0x8000_0000) | (next & 0x7fff_ffff);
            let magic = if y & 1 == 0 { 0 } else { 0x9908_b0df };
            self.state[i] = self.state[(i + M) % N] ^ (y >> 1) ^ magic;
        }
        self.position = 0;
    }

    /// Uniform in [0, 1) with 53 bits: (a·2²⁶ + b)/2⁵³ from the upper 27 and 26 bits of two words.
    pub fn rand(&mut self) -> f64 {
        let a = f64::from(self.next_u32() >> 5);
        let b = f64::from(self.next_u32() >> 6);
        (a * 67_108_864.0 + b) / 9_007_199_254_740_992.0
    }

    /// Standard normal by Marsaglia's polar method; gives the second value of a pair first and
    /// keeps the other for the next call.
    ///
    /// The logarithm is all but correctly rounded, where numpy uses the platform's, so rare values
    /// differ from numpy's in the last bit.
    pub fn randn(&mut self) -> f64 {
        if let Some(value) = self.cached_normal.take() {
            return value;
        }
        loop {
            let x1 = 2.0 * self.rand() - 1.0;
            let x2 = 2.0 * self.rand() - 1.0;
            let r2 = x1 * x1 + x2 * x2;
            if r2 < 1.0 && r2 != 0.0 {
                let f = (-2.0 * log_nearly_exact(r2) / r2).sqrt();
                self.cached_normal = Some(f * x1);
                return f * x2;
            }
        }
    }

    /// Forgets the cached normal value, as seeding does.
    pub fn clear_cache(&mut self) {
        self.cached_normal = None;
    }

    /// The whole state, little-endian: 624 words, the position, 1 or 0 for a cached normal value,
    /// that value (or 0).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Mt19937::BYTES);
        for word in self.state {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend((self.position as u32).to_le_bytes());
        bytes.push(u8::from(self.cached_normal.is_some()));
        bytes.extend(self.cached_normal.unwrap_or(0.0).to_le_bytes());
        bytes
    }

    /// The generator that [`Mt19937::to_bytes`] wrote; `None` if the bytes are not such a state.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Mt19937> {
        let (words, rest) = bytes.split_at_checked(4 * N)?;
        let mut state = [0; N];
        for (slot, word) in state.iter_mut().zip(words.chunks_exact(4)) {
            *slot = u32::from_le_bytes(word.try_into().ok()?);
        }
        let (position, rest) = rest.split_first_chunk::<4>()?;
        let position = u32::from_le_bytes(*position) as usize;
        let (has_normal, rest) = rest.split_first()?;
        let normal = f64::from_le_bytes(rest.try_into().ok()?);
        let cached_normal = match has_normal {
            0 => None,
            1 => Some(normal),
            _ => return None,
        };
        (position <= N).then_some(Mt19937 {
            state,
            position,
            cached_normal,
        })
    }
}
