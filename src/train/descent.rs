//! The loop over the updates.
//!
//! Leaves out: the computing, which is a learner's.

use std::collections::VecDeque;
use std::time::Instant;

use super::bound::Bound;
use super::learner::{Learner, Reading};
use super::schedule::LearningRates;
use super::{
    Divergence, Ending, Job, Observer, Outcome, PastUpdate, Record, Settings, Snapshot, Track, TrainingState,
    ValidationScore,
};
use crate::data::checked::Count;
use crate::data::text::short;
use crate::error::{Error, Result};
use crate::network::Parameters;
use crate::network::curvature::{Hessian, gradient_norm, saturation, update_ratio};

/// How many updates before a bad one are remembered.
const REMEMBERED: usize = 10;

/// The loop.
pub(super) fn descend<L: Learner>(
    learner: L,
    validate: Option<Validate>,
    job: Job<'_>,
    from: Option<Snapshot>,
    observer: &mut dyn Observer,
) -> Result<Outcome> {
    let updates = job.settings.updates.get();
    let mut descent = Descent { learner, validate, job, began: Instant::now(), before: 0.0 };
    let (mut place, mut course) = match from {
        None => descent.begin(job.start, observer)?,
        Some(snapshot) => descent.go_on(snapshot, observer)?,
    };
    let (mut ending, mut divergence) = (course.best.ending(), None);
    while place.update < updates && ending == Ending::Finished {
        match descent.advance(place, &mut course, observer) {
            Ok(Advanced::To(next)) => place = next,
            Ok(Advanced::End(how, why)) => {
                (ending, divergence) = (how, why);
                break;
            }
            Err(error) => {
                ending = Ending::from_failure(error)?;
                break;
            }
        }
    }
    // A record after the last update may be the one that ends patience, be it out of turn or not.
    if ending == Ending::Finished {
        ending = course.best.ending();
    }
    let Measured { record, parameters } = course.best.measured;
    Ok(Outcome { parameters, history: course.records, kept: record, ending, divergence })
}

/// What an update came to.
enum Advanced<S> {
    /// The next place.
    To(Place<S>),
    /// The end, and what led to it if it is a bad one.
    End(Ending, Option<Divergence>),
}

/// What changes from record to record.
struct Course<S> {
    /// The last record, or the start.
    measured: Measured,
    /// The state of the last record that was due.
    sound: Place<S>,
    records: Vec<Record>,
    best: Best,
}

/// Where a descent begins or goes on.
type Started<S> = (Place<S>, Course<S>);

impl<S> Course<S> {
    fn record(&mut self, measured: Measured, observer: &mut dyn Observer) {
        if self.records.last().is_some_and(|last| last.update >= measured.record.update) {
            return;
        }
        observer.on_record(&measured.record);
        self.records.push(measured.record.clone());
        self.best.see(&measured);
        self.measured = measured;
    }
}

/// Reads cost and accuracy of parameters on the validation samples.
pub(super) type Validate = Box<dyn FnMut(&Parameters) -> ValidationScore>;

/// A state of the learner, how many updates led to it, what is known of it, and the rates of the updates to come.
#[derive(Clone)]
struct Place<S> {
    state: S,
    update: usize,
    bound: Bound,
    rates: LearningRates,
}

/// A good state, in plain numbers.
#[derive(Clone)]
pub(super) struct Measured {
    pub(super) record: Record,
    pub(super) parameters: Parameters,
}

/// A state that training must not go on from.
#[derive(Clone)]
struct Bad {
    update: usize,
    cost: f64,
    parameters: Parameters,
}

/// The state to keep.
struct Best {
    patience: Option<usize>,
    measured: Measured,
    /// Records since.
    since: usize,
}

impl Best {
    fn new(settings: &Settings, measured: Measured, since: usize) -> Self {
        // Without validation samples there is nothing to be patient about.
        let patience = settings
            .patience
            .filter(|_| measured.record.validation.is_some())
            .map(Count::get);
        Self { patience, measured, since }
    }

    /// Takes the next record's state if it is the better one.
    fn see(&mut self, next: &Measured) {
        let [next_cost, best_cost] = [next, &self.measured].map(|of| of.record.validation.map(|on| on.cost));
        let lower = next_cost < best_cost;
        if self.patience.is_none() || lower {
            (self.measured, self.since) = (next.clone(), 0);
        } else {
            self.since += 1;
        }
    }

    /// Whether no record was the better one for long enough.
    fn is_exhausted(&self) -> bool {
        self.patience.is_some_and(|patience| self.since >= patience)
    }

    fn ending(&self) -> Ending {
        if self.is_exhausted() { Ending::Stopped } else { Ending::Finished }
    }
}

/// What stays the same.
struct Descent<'a, L> {
    learner: L,
    validate: Option<Validate>,
    job: Job<'a>,
    began: Instant,
    /// Seconds of training before that.
    before: f64,
}

impl<L: Learner> Descent<'_, L> {
    fn begin(&mut self, start: &Parameters, observer: &mut dyn Observer) -> Result<Started<L::State>> {
        let standing = TrainingState { update: 0, parameters: start.clone(), velocity: None };
        let place = self.place(&standing)?;
        let measured = self.measure(&place)?.map_err(|bad| {
            let limit = self.job.settings.cost_limit;
            Error::Training(format!(
                "the initial parameters cost {}, which is not within train.cost_limit = {}",
                short(bad.cost),
                short(limit.get())
            ))
        })?;
        let measured = self.in_full(measured, &place)?;
        observer.on_record(&measured.record);
        let best = Best::new(self.job.settings, measured.clone(), 0);
        let records = vec![measured.record.clone()];
        Ok((place.clone(), Course { sound: place, records, measured, best }))
    }

    fn go_on(&mut self, snapshot: Snapshot, observer: &mut dyn Observer) -> Result<Started<L::State>> {
        let (place, sound) = (self.place(&snapshot.at)?, self.place(&snapshot.sound)?);
        self.before = snapshot.seconds;
        let measured = snapshot.sound_measured();
        let kept = Measured { record: snapshot.kept, parameters: snapshot.kept_parameters };
        let best = Best::new(self.job.settings, kept, snapshot.since);
        let mut course = Course { measured, sound, records: snapshot.history, best };
        // Of a training that was over, the last record may have been out of turn.
        if place.update == self.job.settings.updates.get()
            && !course.best.is_exhausted()
            && let Ok(last) = self.measure(&place)?
        {
            course.record(self.in_full(last, &place)?, observer);
        }
        Ok((place, course))
    }

    fn snapshot(&mut self, place: &Place<L::State>, course: &Course<L::State>) -> Result<Snapshot> {
        let Course { sound, records, best, .. } = course;
        Ok(Snapshot {
            at: self.learner.standing(&place.state, place.update)?,
            sound: self.learner.standing(&sound.state, sound.update)?,
            history: records.clone(),
            kept: best.measured.record.clone(),
            kept_parameters: best.measured.parameters.clone(),
            since: best.since,
            seconds: self.seconds(),
        })
    }

    fn place(&mut self, standing: &TrainingState) -> Result<Place<L::State>> {
        let settings = self.job.settings;
        let (bound, rates) = (Bound::new(standing, settings), LearningRates::starting_at(standing.update, settings)?);
        Ok(Place { state: self.learner.begin(standing)?, update: standing.update, bound, rates })
    }

    fn seconds(&self) -> f64 {
        self.before + self.began.elapsed().as_secs_f64()
    }

    /// One update, and all that is due after it.
    fn advance(
        &mut self,
        place: Place<L::State>,
        course: &mut Course<L::State>,
        observer: &mut dyn Observer,
    ) -> Result<Advanced<L::State>> {
        let settings = self.job.settings;
        let mut place = self.step(place)?;
        let harmless = self.is_harmless(&mut place)?;
        let update = place.update;
        let interrupted = observer.on_update(update).is_break();
        let ends = interrupted || update == settings.updates.get();
        let record_due = update.is_multiple_of(settings.record_every.get());
        let checkpoint_due = settings
            .checkpoint_every
            .is_some_and(|every| update.is_multiple_of(every.get()));
        if harmless && !(record_due || ends || checkpoint_due) {
            return Ok(Advanced::To(place));
        }
        let measured = match self.measure(&place)? {
            Ok(good) => good,
            Err(bad) => {
                let found = self.first_bad(course.measured.clone(), course.sound.clone(), bad, observer)?;
                observer.on_checkpoint(&mut || self.snapshot(&course.sound, course))?;
                course.record(self.in_full(found.good, &found.place)?, observer);
                return Ok(Advanced::End(found.ending, found.divergence));
            }
        };
        if record_due {
            course.sound = place.clone();
            course.record(self.in_full(measured.clone(), &place)?, observer);
        }
        let stopped = record_due && course.best.is_exhausted();
        // Before a record that is made out of turn, because training ends: one that goes on has none there.
        if ends || stopped || checkpoint_due {
            observer.on_checkpoint(&mut || self.snapshot(&place, course))?;
        }
        if ends && !record_due {
            course.record(self.in_full(measured, &place)?, observer);
        }
        Ok(match (interrupted, stopped) {
            (true, _) => Advanced::End(Ending::Interrupted, None),
            (false, true) => Advanced::End(Ending::Stopped, None),
            (false, false) => Advanced::To(place),
        })
    }

    /// One update.
    fn step(&mut self, place: Place<L::State>) -> Result<Place<L::State>> {
        let Place { state, update, bound, mut rates } = place;
        let learning_rate = rates.next();
        let state = self.learner.step(state, update, learning_rate)?;
        Ok(Place { state, update: update + 1, bound: bound.grown(learning_rate), rates })
    }

    /// Whether the cost is within the limit, as far as that is known without the samples.
    fn is_harmless(&mut self, place: &mut Place<L::State>) -> Result<bool> {
        let within = |bound: Bound| bound.cost() <= self.job.settings.cost_limit.get();
        if within(place.bound) {
            return Ok(true);
        }
        let parameters = self.learner.parameters(&place.state)?;
        place.bound = place.bound.tightened(&parameters);
        Ok(within(place.bound) && parameters.are_finite())
    }

    /// Reads a state and judges it.
    fn measure(&mut self, place: &Place<L::State>) -> Result<Result<Measured, Bad>> {
        let (Reading { cost, accuracy, parameters }, update) = (self.learner.read(&place.state)?, place.update);
        if !(cost <= self.job.settings.cost_limit.get() && parameters.are_finite()) {
            return Ok(Err(Bad { update, cost, parameters }));
        }
        let penalty = parameters.penalty(self.job.settings.weight_decay.get());
        let (validation, tracked, seconds) = (None, Vec::new(), self.seconds());
        let record = Record { update, cost, penalty, accuracy, validation, tracked, seconds };
        Ok(Ok(Measured { record, parameters }))
    }

    /// A state with all that a record says of it: that would be too dear wherever it is only judged.
    fn in_full(&mut self, mut measured: Measured, place: &Place<L::State>) -> Result<Measured> {
        let Job { data, settings, .. } = self.job;
        let (parameters, weight_decay) = (&measured.parameters, settings.weight_decay.get());
        let numbers = settings.track.iter().map(|track| match track {
            Track::Sharpness => Ok(Hessian::new(parameters, data, weight_decay).largest_eigenvalue().value),
            Track::GradientNorm => Ok(gradient_norm(parameters, data, weight_decay)),
            Track::Saturation => Ok(saturation(parameters, data).overall),
            Track::UpdateRatio => {
                let next = self.step(place.clone())?;
                Ok(update_ratio(parameters, &self.learner.standing(&next.state, next.update)?.parameters))
            }
        });
        measured.record.tracked = numbers.collect::<Result<_>>()?;
        measured.record.validation = self.validate.as_mut().map(|validate| validate(&measured.parameters));
        Ok(measured)
    }

    /// Repeats the updates between a good state and a bad one, reading each.
    fn first_bad(
        &mut self,
        mut good: Measured,
        mut place: Place<L::State>,
        bad: Bad,
        observer: &mut dyn Observer,
    ) -> Result<Found<L::State>> {
        let mut before = VecDeque::new();
        let last = bad.update;
        let mut found = Some(bad);
        loop {
            let Record { update, cost, .. } = good.record;
            before.push_back(PastUpdate { update, cost, parameters: good.parameters.clone() });
            if before.len() > REMEMBERED {
                before.pop_front();
            }
            if place.update + 1 >= last {
                break;
            }
            let next = self.step(place.clone())?;
            match self.measure(&next)? {
                Ok(measured) => (good, place) = (measured, next),
                Err(first) => {
                    found = Some(first);
                    break;
                }
            }
            if observer.on_update(place.update).is_break() {
                found = None;
                break;
            }
        }
        let learning_rate = place.rates.clone().next();
        let (ending, divergence) = match found {
            None => (Ending::Interrupted, None),
            Some(Bad { update, cost, parameters }) => {
                let divergence = Divergence { update, learning_rate, cost, parameters, before: before.into() };
                (Ending::Diverged { update, cost }, Some(divergence))
            }
        };
        Ok(Found { good, place, ending, divergence })
    }
}

/// What repeating updates came to.
struct Found<S> {
    /// The last good state.
    good: Measured,
    place: Place<S>,
    ending: Ending,
    divergence: Option<Divergence>,
}
