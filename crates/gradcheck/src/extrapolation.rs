//! The limit of difference quotients as their step goes to zero, with an estimate of its error.
//!
//! A quotient of a smooth function is a polynomial in its step h: `D(h) = D(0) + c1 h^p + c2 h^2p + ...`, with p = 2 for
//! central quotients and p = 1 for one-sided ones. Two quotients eliminate the first term, three the second, and so on
//! (Neville's scheme). Half-way estimates that differ little show that the limit is near (Ridders 1982, "Accurate
//! computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4; Press et al., Numerical Recipes, section
//! 5.7).
//!
//! Two things are added to Ridders' method. The rounding noise of the function is part of each error. And an estimate
//! must not contradict the quotients with smaller steps: a kink or a sharp bend close to the point shows only there.

/// The error of an estimate contains this many times its change by the last elimination. The change of a quotient that
/// goes to infinity is less than its value, so that no finite number is refused there.
const CHANGE_MARGIN: f64 = 3.0;
/// The error of an estimate contains this many times the noise of its smallest step.
pub(crate) const NOISE_MARGIN: f64 = 4.0;
/// An estimate contradicts a smaller step if they differ by more than this many times the noise of that step.
const CONTRADICTION: f64 = 8.0;
/// A limit is clear if its error is at most this fraction of it.
const CLEAR: f64 = 0.02;
/// At most this many terms of the polynomial are eliminated. More of them only amplify noise.
const MAX_ORDER: usize = 4;

/// A difference quotient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotient {
    pub step: f64,
    pub value: f64,
    /// The noise of the function, divided by the step.
    pub noise: f64,
}

/// A limit with an estimate of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit {
    pub value: f64,
    pub error: f64,
}

impl Limit {
    /// Whether the limit is known to a few per cent.
    pub fn is_clear(&self) -> bool {
        self.error <= CLEAR * self.value.abs()
    }
}

/// What the quotients settle to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settled {
    /// The most precise limit that no smaller step contradicts.
    pub limit: Limit,
    /// Other clear limits, that smaller steps contradict. A kink close to the point looks like this, and so does a function
    /// that is computed with few digits and does not change over the small steps.
    pub contradicted: Vec<Limit>,
}

/// What the quotients settle to, if they do. `power` is p. The steps must decrease.
pub(crate) fn settle(quotients: &[Quotient], power: i32) -> Option<Settled> {
    let mut estimates: Vec<(Limit, usize)> = Vec::new();
    let mut column: Vec<f64> = quotients.iter().map(|quotient| quotient.value).collect();
    for order in 1..=MAX_ORDER.min(quotients.len().saturating_sub(1)) {
        let next: Vec<f64> = (0..column.len() - 1)
            .map(|i| {
                let ratio = (quotients[i].step / quotients[i + order].step).powi(power);
                column[i + 1] + (column[i + 1] - column[i]) / (ratio - 1.0)
            })
            .collect();

        for (i, &value) in next.iter().enumerate() {
            let last = i + order;
            // `value` is nearer to column[i + 1], so this is the larger of its two changes.
            let change = (value - column[i]).abs();
            let error = CHANGE_MARGIN * change + NOISE_MARGIN * quotients[last].noise;
            estimates.push((Limit { value, error }, last));
        }
        column = next;
    }

    let contradicted = |limit: &Limit, last: usize| {
        let smaller = &quotients[last + 1..];
        smaller.iter().any(|Quotient { value, noise, .. }| {
            let distance = (value - limit.value).abs();
            !(distance <= 2.0 * limit.error + CONTRADICTION * noise)
        })
    };
    estimates.retain(|(limit, _)| limit.error.is_finite());
    estimates.sort_by(|(one, _), (other, _)| one.error.total_cmp(&other.error));
    let (contradicted, accepted): (Vec<_>, Vec<_>) =
        estimates.into_iter().partition(|(limit, last)| contradicted(limit, *last));
    let contradicted = contradicted
        .into_iter()
        .map(|(limit, _)| limit)
        .filter(Limit::is_clear)
        .collect();
    Some(Settled { limit: accepted.first()?.0, contradicted })
}
