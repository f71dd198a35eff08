//! The training loop.
//!
//! ```text
//! for each update: step, then, if they are scheduled: record, checkpoint
//! ```
//!
//! A [`Learner`] does the computing.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Instant;

use super::cost_bound::CostBound;
use super::early_stopping::EarlyStopping;
use super::learner::{Evaluation, Learner};
use super::outcome::RecordedParameters;
use super::schedule::LearningRates;
use super::{
    Divergence, Ending, Job, Observer, Outcome, PastUpdate, Record, Snapshot, TrackedMetric, TrainingState,
    ValidationScore,
};
use crate::data::split::Part;
use crate::error::{Error, Result};
use crate::network::Parameters;
use crate::network::curvature::{Hessian, gradient_norm, saturation, update_ratio};
use crate::network::fused_bridge::OverflowCheck;

/// The number of updates before a divergence that are kept for its report.
const PAST_UPDATES: usize = 10;

/// Computes cost and accuracy of parameters on the validation samples.
pub(super) type Validate<'a> = Box<dyn FnMut(&Parameters) -> ValidationScore + 'a>;

/// Trains from the start, or continues from a snapshot.
pub(super) fn run_training_loop<'a, L: Learner>(
    learner: L,
    validate: Option<Validate<'a>>,
    job: Job<'a>,
    from: Option<Snapshot>,
    observer: &mut dyn Observer,
) -> Result<Outcome> {
    let updates = job.settings.updates.get();
    let overflows = OverflowCheck::new(job.data.x(), job.devices[0].placement.precision());
    let mut training = TrainingLoop { learner, validate, overflows, job, began: Instant::now(), seconds_before: 0.0 };
    let (mut position, mut log) = match from {
        None => training.start(job.start, observer)?,
        Some(snapshot) => training.resume(snapshot, observer)?,
    };

    let End { ending, divergence } = loop {
        if log.early_stopping.is_due() {
            break End::of(Ending::StoppedEarly);
        }
        if position.update >= updates {
            break End::of(Ending::Finished);
        }
        match training.advance(position, &mut log, observer) {
            Ok(ControlFlow::Continue(next)) => position = next,
            Ok(ControlFlow::Break(end)) => break end,
            Err(error) => break End::of(Ending::from_failure(error)?),
        }
    };

    let RecordedParameters { record: kept, parameters } = log.early_stopping.into_kept();
    Ok(Outcome { parameters, history: log.records, kept, ending, divergence })
}

/// Why training ends.
struct End {
    ending: Ending,
    divergence: Option<Divergence>,
}

impl End {
    fn of(ending: Ending) -> Self {
        Self { ending, divergence: None }
    }
}

/// A point of the training that it can continue from.
#[derive(Clone)]
struct Position<S> {
    /// The learner's state.
    state: S,
    /// The number of updates made.
    update: usize,
    /// An upper bound on the cost here.
    bound: CostBound,
    /// The learning rates of the updates to come.
    rates: LearningRates,
}

/// Parameters that training must not continue from.
struct BadUpdate {
    update: usize,
    cost: f64,
    /// The samples that have this cost: for training or for validation.
    part: Part,
    parameters: Parameters,
}

/// The result of evaluating a position.
enum Evaluated {
    /// The cost is within the limit, and all numbers are finite.
    Good(RecordedParameters),
    /// Training has diverged.
    Bad(BadUpdate),
}

/// The records so far.
struct Log<S> {
    records: Vec<Record>,
    /// The last record with its parameters.
    last: RecordedParameters,
    /// The position of the last scheduled record. If training diverges later, updates are repeated from here.
    last_scheduled: Position<S>,
    early_stopping: EarlyStopping,
}

impl<S> Log<S> {
    /// Adds a record, unless there is one for this update already.
    fn add(&mut self, next: RecordedParameters, observer: &mut dyn Observer) {
        if self.records.last().is_some_and(|last| last.update >= next.record.update) {
            return;
        }
        observer.on_record(&next.record);
        self.records.push(next.record.clone());
        self.early_stopping.consider(&next);
        self.last = next;
    }
}

/// What must be done after an update.
#[derive(Clone, Copy)]
struct Due {
    record: bool,
    checkpoint: bool,
    /// This is the last update: all are made, or the observer interrupts training.
    end: bool,
    interrupted: bool,
}

/// What the repetition of updates before a divergence found.
struct FirstBadUpdate<S> {
    /// The last good parameters and their position.
    good: RecordedParameters,
    position: Position<S>,
    end: End,
}

/// Where a training run starts or continues, and its records so far.
type Beginning<S> = (Position<S>, Log<S>);

/// What stays the same during training.
struct TrainingLoop<'a, L> {
    learner: L,
    validate: Option<Validate<'a>>,
    overflows: OverflowCheck<'a>,
    job: Job<'a>,
    began: Instant,
    /// Seconds of training before a resume.
    seconds_before: f64,
}

impl<L: Learner> TrainingLoop<'_, L> {
    /// The position before the first update, with its record.
    fn start(&mut self, parameters: &Parameters, observer: &mut dyn Observer) -> Result<Beginning<L::State>> {
        let state = TrainingState { update: 0, parameters: parameters.clone(), velocity: None };
        let position = self.load(&state)?;
        let first = match self.evaluate_and_validate(&position)? {
            Evaluated::Good(first) => self.complete(first, &position)?,
            Evaluated::Bad(BadUpdate { cost, part, .. }) => {
                return Err(Error::InitialCost { cost, part, limit: self.job.settings.cost_limit.get() });
            }
        };

        observer.on_record(&first.record);
        let log = Log {
            records: vec![first.record.clone()],
            early_stopping: EarlyStopping::new(self.job.settings, first.clone(), 0),
            last: first,
            last_scheduled: position.clone(),
        };
        if self.job.settings.updates.get() == 0 {
            // There is no last update that would make it.
            observer.on_checkpoint(&mut || self.snapshot(&position, &log))?;
        }
        Ok((position, log))
    }

    /// The position of a snapshot, with its records.
    fn resume(&mut self, snapshot: Snapshot, observer: &mut dyn Observer) -> Result<Beginning<L::State>> {
        let Snapshot { state, state_at_last_record, history, kept, kept_parameters, records_since_kept, seconds } =
            snapshot;
        let (position, last_scheduled) = (self.load(&state)?, self.load(&state_at_last_record)?);
        self.seconds_before = seconds;

        let last = history.last().unwrap_or(&kept).clone();
        let kept = RecordedParameters { record: kept, parameters: kept_parameters };
        let mut log = Log {
            records: history,
            last: RecordedParameters { record: last, parameters: state_at_last_record.parameters },
            last_scheduled,
            early_stopping: EarlyStopping::new(self.job.settings, kept, records_since_kept),
        };

        // A finished training may end with a record outside the schedule, which no snapshot holds.
        let finished = position.update == self.job.settings.updates.get();
        if finished
            && !log.early_stopping.is_due()
            && let Evaluated::Good(last) = self.evaluate_and_validate(&position)?
        {
            log.add(self.complete(last, &position)?, observer);
        }
        Ok((position, log))
    }

    /// Makes one update, and what is due after it.
    fn advance(
        &mut self,
        position: Position<L::State>,
        log: &mut Log<L::State>,
        observer: &mut dyn Observer,
    ) -> Result<ControlFlow<End, Position<L::State>>> {
        let mut position = self.step(position)?;
        let within_limit = self.is_within_limit(&mut position)?;
        let interrupted = observer.on_update(position.update).is_break();
        let due = self.due(position.update, interrupted);
        if within_limit && !(due.record || due.checkpoint || due.end) {
            return Ok(ControlFlow::Continue(position));
        }

        let evaluated = if due.record || due.end {
            self.evaluate_and_validate(&position)?
        } else {
            self.evaluate(&position)?
        };
        match evaluated {
            Evaluated::Good(evaluated) => self.record_and_save(position, evaluated, due, log, observer),
            Evaluated::Bad(bad) => self.end_diverged(bad, log, observer).map(ControlFlow::Break),
        }
    }

    fn due(&self, update: usize, interrupted: bool) -> Due {
        let settings = self.job.settings;
        Due {
            record: update.is_multiple_of(settings.record_every.get()),
            checkpoint: settings
                .checkpoint_every
                .is_some_and(|every| update.is_multiple_of(every.get())),
            end: interrupted || update == settings.updates.get(),
            interrupted,
        }
    }

    /// Makes the record and the checkpoint that are due, and ends training if it must end.
    fn record_and_save(
        &mut self,
        position: Position<L::State>,
        evaluated: RecordedParameters,
        due: Due,
        log: &mut Log<L::State>,
        observer: &mut dyn Observer,
    ) -> Result<ControlFlow<End, Position<L::State>>> {
        if due.record {
            log.last_scheduled = position.clone();
            log.add(self.complete(evaluated.clone(), &position)?, observer);
        }
        let stopped = due.record && log.early_stopping.is_due();

        // The checkpoint is made before an unscheduled record is added: an uninterrupted run has no record here.
        if due.checkpoint || due.end || stopped {
            observer.on_checkpoint(&mut || self.snapshot(&position, log))?;
        }
        if due.end && !due.record {
            log.add(self.complete(evaluated, &position)?, observer);
        }

        Ok(match (due.interrupted, stopped) {
            (true, _) => ControlFlow::Break(End::of(Ending::Interrupted)),
            (false, true) => ControlFlow::Break(End::of(Ending::StoppedEarly)),
            (false, false) => ControlFlow::Continue(position),
        })
    }

    /// Finds the first bad update, and ends training with the parameters before it.
    fn end_diverged(&mut self, bad: BadUpdate, log: &mut Log<L::State>, observer: &mut dyn Observer) -> Result<End> {
        let found = self.first_bad_update(log.last.clone(), log.last_scheduled.clone(), bad, observer)?;
        observer.on_checkpoint(&mut || self.snapshot(&log.last_scheduled, log))?;
        log.add(self.complete(found.good, &found.position)?, observer);
        Ok(found.end)
    }

    /// Repeats the updates since the last record one by one and evaluates each, up to the first bad one.
    fn first_bad_update(
        &mut self,
        mut good: RecordedParameters,
        mut position: Position<L::State>,
        mut bad: BadUpdate,
        observer: &mut dyn Observer,
    ) -> Result<FirstBadUpdate<L::State>> {
        let mut before = VecDeque::from([PastUpdate::new(&good)]);
        while position.update + 1 < bad.update {
            let next = self.step(position.clone())?;
            match self.evaluate_and_validate(&next)? {
                Evaluated::Bad(first) => bad = first, // it is the next update, so the loop ends
                Evaluated::Good(evaluated) => {
                    (good, position) = (evaluated, next);
                    before.push_back(PastUpdate::new(&good));
                    if before.len() > PAST_UPDATES {
                        before.pop_front();
                    }
                    if observer.on_update(position.update).is_break() {
                        return Ok(FirstBadUpdate { good, position, end: End::of(Ending::Interrupted) });
                    }
                }
            }
        }

        let BadUpdate { update, cost, part, parameters } = bad;
        let learning_rate = position.rates.clone().next();
        let divergence = Divergence { update, learning_rate, cost, part, parameters, past_updates: before.into() };
        let end = End { ending: Ending::Diverged { update, cost }, divergence: Some(divergence) };
        Ok(FirstBadUpdate { good, position, end })
    }

    /// Makes one update.
    fn step(&mut self, position: Position<L::State>) -> Result<Position<L::State>> {
        let Position { state, update, bound, mut rates } = position;
        let learning_rate = rates.next();
        let state = self.learner.step(state, update, learning_rate)?;
        Ok(Position { state, update: update + 1, bound: bound.after_update(learning_rate), rates })
    }

    /// Whether the cost is known to be within the limit without computing it.
    fn is_within_limit(&mut self, position: &mut Position<L::State>) -> Result<bool> {
        let within = |bound: CostBound| bound.max_cost() <= self.job.settings.cost_limit.get();
        if within(position.bound) {
            return Ok(true);
        }
        let parameters = self.learner.parameters(&position.state)?;
        position.bound = position.bound.with_parameters(&parameters);
        Ok(within(position.bound) && parameters.are_finite())
    }

    /// Computes cost and accuracy, and checks the cost against the limit.
    fn evaluate(&mut self, position: &Position<L::State>) -> Result<Evaluated> {
        let Evaluation { mut cost, accuracy, parameters } = self.learner.evaluate(&position.state)?;
        let update = position.update;
        if parameters.are_finite() && self.overflows.rows(&parameters).next().is_some() {
            cost = f64::NAN;
        }
        if !(cost <= self.job.settings.cost_limit.get() && parameters.are_finite()) {
            return Ok(Evaluated::Bad(BadUpdate { update, cost, part: Part::Train, parameters }));
        }
        let penalty = parameters.penalty(self.job.settings.weight_decay.get());
        let (validation, tracked, seconds) = (None, Vec::new(), self.seconds());
        let record = Record { update, cost, penalty, accuracy, validation, tracked, seconds };
        Ok(Evaluated::Good(RecordedParameters { record, parameters }))
    }

    /// Computes cost and accuracy on the validation samples too, if there are some, and checks that this cost is finite. It is
    /// expensive, so it is done for records only.
    fn evaluate_and_validate(&mut self, position: &Position<L::State>) -> Result<Evaluated> {
        let mut recorded = match self.evaluate(position)? {
            Evaluated::Good(recorded) => recorded,
            bad @ Evaluated::Bad(_) => return Ok(bad),
        };
        recorded.record.validation = self.validate.as_mut().map(|validate| validate(&recorded.parameters));
        Ok(match recorded.record.validation {
            Some(ValidationScore { cost, .. }) if !cost.is_finite() => {
                let RecordedParameters { record: Record { update, .. }, parameters } = recorded;
                Evaluated::Bad(BadUpdate { update, cost, part: Part::Validation, parameters })
            }
            _ => Evaluated::Good(recorded),
        })
    }

    /// Adds the tracked numbers to a record. They are expensive, so they are computed for records only.
    fn complete(
        &mut self,
        mut evaluated: RecordedParameters,
        position: &Position<L::State>,
    ) -> Result<RecordedParameters> {
        let Job { data, settings, .. } = self.job;
        let (parameters, weight_decay) = (&evaluated.parameters, settings.weight_decay.get());
        let tracked = settings.track.iter().map(|track| match track {
            TrackedMetric::Sharpness => Ok(Hessian::new(parameters, data, weight_decay).largest_eigenvalue().value),
            TrackedMetric::GradientNorm => Ok(gradient_norm(parameters, data, weight_decay)),
            TrackedMetric::Saturation => Ok(saturation(parameters, data).overall),
            TrackedMetric::UpdateRatio => {
                let next = self.step(position.clone())?;
                Ok(update_ratio(parameters, &self.learner.save(&next.state, next.update)?.parameters))
            }
        });
        evaluated.record.tracked = tracked.collect::<Result<_>>()?;
        Ok(evaluated)
    }

    fn load(&mut self, state: &TrainingState) -> Result<Position<L::State>> {
        let settings = self.job.settings;
        let bound = CostBound::new(state, self.job.data, settings);
        let rates = LearningRates::starting_at(state.update, settings)?;
        Ok(Position { state: self.learner.load(state)?, update: state.update, bound, rates })
    }

    fn snapshot(&mut self, position: &Position<L::State>, log: &Log<L::State>) -> Result<Snapshot> {
        let kept = log.early_stopping.kept();
        Ok(Snapshot {
            state: self.learner.save(&position.state, position.update)?,
            state_at_last_record: self.learner.save(&log.last_scheduled.state, log.last_scheduled.update)?,
            history: log.records.clone(),
            kept: kept.record.clone(),
            kept_parameters: kept.parameters.clone(),
            records_since_kept: log.early_stopping.records_since_kept(),
            seconds: self.seconds(),
        })
    }

    fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }
}
