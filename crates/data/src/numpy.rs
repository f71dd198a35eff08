//! NumPy's legacy random stream, `numpy.random.RandomState`, reproduced bit for bit.
//!
//! The article seeds its data and its weights with `np.random.seed`, so its numbers can only be met
//! by drawing the same bits and turning them into numbers the same way:
//!
//! ```text
//! u32      Mersenne Twister MT19937, seeded by init_genrand, or by init_by_array for a list
//! uniform  ((a >> 5) * 2^26 + (b >> 6)) / 2^53                  two draws a, b; in [0, 1)
//! normal   polar method: u = 2 uniform - 1, v = 2 uniform - 1 until 0 < s = u^2 + v^2 < 1;
//!          then v f is returned and u f kept for the next call, f = sqrt(-2 ln s / s)
//! below n  the lowest value <= n among masked draws             (Lemire's method came later)
//! ```
//!
//! NumPy froze this stream in version 1.17 (NEP 19). Source: `numpy/random/src/legacy` and
//! `numpy/random/mtrand.pyx`. `ln` comes from the system's mathematics library, as NumPy's does.
//!
//! Leaves out: every distribution that no data set here draws from. `RandomState` is a [`rand::Rng`],
//! so those of the `rand` crates work on the same bits; their numbers are not NumPy's.

use std::convert::Infallible;

use rand::{Rng, TryRng};
use rand_mt::Mt;

/// A stream that equals `numpy.random.RandomState(seed)`.
#[derive(Clone, Debug)]
pub struct RandomState {
    bits: Mt,
    kept_normal: Option<f64>,
}

impl RandomState {
    /// The stream that `numpy.random.RandomState(seed)` gives, for any seed that NumPy takes as a number.
    pub fn new(seed: u32) -> Self {
        Self { bits: Mt::new(seed), kept_normal: None }
    }

    /// The stream that `numpy.random.RandomState([..])` gives for a list of numbers.
    pub fn with_key(key: &[u32]) -> Self {
        Self { bits: Mt::new_with_key(key.iter().copied()), kept_normal: None }
    }

    /// `random_sample()`: uniform in [0, 1), on a grid of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// `uniform(low, high)`.
    pub fn uniform_in(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// `randn()`: normal with mean 0 and standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        if let Some(kept) = self.kept_normal.take() {
            return kept;
        }
        loop {
            let u = 2.0 * self.uniform() - 1.0;
            let v = 2.0 * self.uniform() - 1.0;
            let s = u * u + v * v;
            if s < 1.0 && s != 0.0 {
                let f = (-2.0 * s.ln() / s).sqrt();
                self.kept_normal = Some(f * u);
                return f * v;
            }
        }
    }

    /// `randn(count)`.
    pub fn normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.normal()).collect()
    }

    /// `shuffle(items)`: Fisher-Yates from the last item down.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.at_most(last));
        }
    }

    /// `random_interval(max)`: uniform in 0..=max, by rejection under the smallest covering bit mask.
    fn at_most(&mut self, max: usize) -> usize {
        let mask = usize::MAX >> max.leading_zeros();
        loop {
            let draw = match u32::try_from(max) {
                Ok(_) => self.next_u32() as usize,
                // NumPy takes the high half first, unlike `Rng::next_u64` of this generator.
                Err(_) => (self.next_u32() as usize) << 32 | self.next_u32() as usize,
            };
            if draw & mask <= max {
                return draw & mask;
            }
        }
    }
}

impl TryRng for RandomState {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.bits.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.bits.fill_bytes(bytes);
        Ok(())
    }
}
