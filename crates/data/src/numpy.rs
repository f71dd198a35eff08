//! NumPy's legacy random stream, `numpy.random.RandomState`, reproduced bit for bit.
//!
//! The article draws its data and its initial weights after `np.random.seed`. To get the same numbers, the same bits must be drawn
//! and converted to numbers in the same way:
//!
//! ```text
//! u32      Mersenne Twister MT19937, seeded by init_genrand, or by init_by_array for a list
//! uniform  ((a >> 5) * 2^26 + (b >> 6)) / 2^53                  two draws a, b; in [0, 1)
//! normal   polar method: u = 2 uniform - 1, v = 2 uniform - 1 until 0 < s = u^2 + v^2 < 1;
//!          then v f is returned and u f is stored for the next call, f = sqrt(-2 ln s / s)
//! 0..=n    the first masked draw that is <= n                   (not Lemire's method, which came later)
//! ```
//!
//! NumPy froze this stream in version 1.17 (NEP 19). Source: `numpy/random/src/legacy` and
//! `numpy/random/mtrand.pyx`. `ln` comes from the system's math library, as in NumPy.
//!
//! Not covered: NumPy's other distributions. `RandomState` implements [`rand::Rng`], so the distributions of the `rand` crates
//! can draw from the same bits, but their numbers differ from NumPy's.

use std::convert::Infallible;

use rand::{Rng, TryRng};
use rand_mt::Mt;

/// A random number generator with the same stream as `numpy.random.RandomState`.
#[derive(Clone, Debug)]
pub struct RandomState {
    bits: Mt,
    /// The second number of the last pair of normal numbers, until it is used.
    stored_normal: Option<f64>,
}

impl RandomState {
    /// The stream of `numpy.random.RandomState(seed)`. Any u32 is a valid seed, as in NumPy.
    pub fn new(seed: u32) -> Self {
        Self { bits: Mt::new(seed), stored_normal: None }
    }

    /// The stream of `numpy.random.RandomState([..])`, with a list of numbers as the seed.
    pub fn with_key(key: &[u32]) -> Self {
        Self { bits: Mt::new_with_key(key.iter().copied()), stored_normal: None }
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
        if let Some(stored) = self.stored_normal.take() {
            return stored;
        }
        loop {
            let u = 2.0 * self.uniform() - 1.0;
            let v = 2.0 * self.uniform() - 1.0;
            let s = u * u + v * v;
            if s < 1.0 && s != 0.0 {
                let f = (-2.0 * s.ln() / s).sqrt();
                self.stored_normal = Some(f * u);
                return f * v;
            }
        }
    }

    /// `randn(count)`.
    pub fn normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.normal()).collect()
    }

    /// `shuffle(items)`: the Fisher-Yates algorithm, from the last item to the first.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.at_most(last));
        }
    }

    /// `random_interval(max)`: uniform in 0..=max. Draws are masked with the smallest sufficient bit mask until one is at most `max`.
    fn at_most(&mut self, max: usize) -> usize {
        let mask = usize::MAX >> max.leading_zeros();
        loop {
            let draw = match u32::try_from(max) {
                Ok(_) => self.next_u32() as usize,
                // NumPy draws the high half first, unlike `Rng::next_u64` of this generator.
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
