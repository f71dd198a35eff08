//! How many threads compute.

/// The number of threads that a pass may use: that of the processor, or of the variable `RAYON_NUM_THREADS`, or of
/// [`with_threads`].
pub fn thread_count() -> usize {
    rayon::current_num_threads()
}

/// Calls `f`, in which each pass uses at most this many threads. The results are the same bit for bit.
///
/// For programs that work on several networks side by side: together they should not use more threads than there are.
pub fn with_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(f),
        // The system makes no more threads.
        Err(_) => f(),
    }
}
