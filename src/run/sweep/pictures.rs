//! The pictures of a sweep: the boundaries, the costs over the updates, and the costs over each key that is a number.

use super::comparison::{Combination, Measure};
use super::plan::Sweep;
use super::row::SweepRow;
use crate::data::text::grouped;
use crate::error::Result;
use crate::files::folder::RunFolder;
use crate::plot::{
    Boundaries, CostComparison, CostOverValue, MAX_PANELS, Panel, PanelGrid, RunCurves, ValueCurve, ValuePoint, Window,
    render_small,
};
use crate::run::pictures::PANEL_GRID_SIDE;
use crate::train::Ending;

/// The most columns of panels with names.
const MAX_COLUMNS: usize = 12;

impl Sweep {
    pub(super) fn draw(&self, rows: &[SweepRow], folder: &mut RunFolder) -> Result<()> {
        let format = self.config.output.pictures;
        let combinations = self.combinations(rows);
        if combinations.is_empty() {
            return Ok(());
        }
        self.with_boundaries(&combinations, |picture| folder.draw("sweep", format, picture))?;
        folder.draw("sweep_cost", format, &self.cost_comparison(&combinations))?;

        for (column, name) in self.value_names().iter().enumerate() {
            if let Some(picture) = self.cost_over_value(&combinations, column, name) {
                folder.draw(&format!("sweep_{name}"), format, &picture)?;
            }
        }
        Ok(())
    }

    /// Small pictures for the page, with what they show.
    pub(super) fn stills(&self, combinations: &[Combination<'_>]) -> Result<Vec<(&'static str, Vec<u8>)>> {
        let boundaries = self.with_boundaries(combinations, |picture| Ok(render_small(picture)?))?;
        let boundaries = boundaries.map(|png| ("The boundary of each network.", png));
        let costs = ("The cost over the updates.", render_small(&self.cost_comparison(combinations))?);
        Ok(boundaries.into_iter().chain([costs]).collect())
    }

    /// Draws the picture with a panel for each combination: the median of its runs, if there are several. `None` if no run has
    /// two inputs.
    fn with_boundaries<T>(
        &self,
        combinations: &[Combination<'_>],
        draw: impl FnOnce(&Boundaries<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let with_two_features = combinations.iter().filter(|each| self.data_of(each.first()).has_two_features());
        let shown: Vec<Combination<'_>> = with_two_features.take(MAX_PANELS).copied().collect();
        if shown.is_empty() {
            return Ok(None);
        }

        // With one key the panels have its values in their titles, with two keys the rows and columns have them.
        let grid = self
            .grid(combinations)
            .filter(|grid| grid.rows.len() * grid.columns.len() == shown.len());
        let x: Vec<Vec<f64>> = shown.iter().map(|each| self.data_of(each.first()).unscaled_x()).collect();
        let panels = shown.iter().zip(&x).map(|(combination, x)| {
            let (run, row) = (self.data_of(combination.first()), combination.median_row(self.measure()));
            let accuracy = match row.ending {
                Ending::Diverged { update, .. } => format!("diverged at {}", grouped(update)),
                _ => format!("{:.2} %", 100.0 * self.measure().accuracy(&row.kept)),
            };
            let name = self.name_of(*combination, None);
            let title = if grid.is_some() || name.is_empty() {
                accuracy
            } else {
                format!("{name}: {accuracy}")
            };
            // The accuracy of a record uses the threshold 1/2, so the line is drawn there.
            let field = run.probability_field(&row.parameters, 0.5, Window::around(x), PANEL_GRID_SIDE);
            Panel { title, field, x, y: run.data.y() }
        });
        let panels = panels.collect();

        let samples = if self.measure() == Measure::ValidationCost { " on validation" } else { "" };
        let left_out = combinations.len() - shown.len();
        let count = if left_out > 0 {
            format!(", {} of {}", shown.len(), combinations.len())
        } else {
            String::new()
        };
        let title = format!("Boundary and accuracy{samples}{}{}{count}", self.by_keys(), self.title_end(true));
        let classes = self.data_of(shown[0].first()).class_names();
        draw(&Boundaries { title, classes, panels, grid }).map(Some)
    }

    /// The names of rows and columns for two keys, if the page is not too wide.
    pub(super) fn grid(&self, combinations: &[Combination<'_>]) -> Option<PanelGrid> {
        let names = self.value_names();
        let [_, _] = names[..] else { return None };
        let labels = |column: usize| {
            let mut labels: Vec<String> = Vec::new();
            for combination in combinations {
                let (name, value) = self.values(*combination)[column];
                let label = format!("{name} = {value}");
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
            labels
        };
        let grid = PanelGrid { rows: labels(0), columns: labels(1) };
        (grid.columns.len() <= MAX_COLUMNS).then_some(grid)
    }

    fn cost_comparison(&self, combinations: &[Combination<'_>]) -> CostComparison {
        let measure = self.measure();
        let curves = combinations.iter().map(|combination| RunCurves {
            name: self.name_of(*combination, None),
            runs: combination
                .rows
                .iter()
                .map(|row| {
                    let points = row.history.iter().map(|record| (record.update as f64, measure.of(record)));
                    (points.collect(), matches!(row.ending, Ending::Diverged { .. }))
                })
                .collect(),
        });
        CostComparison {
            title: format!("Cost during training{}{}", self.by_keys(), self.title_end(false)),
            cost: self.cost_name().into(),
            curves: curves.collect(),
            ordered: self.value_names().len() == 1 && self.numbers(0).is_some(),
        }
    }

    /// The costs over the values of one key. `None` if they are not numbers.
    fn cost_over_value(&self, combinations: &[Combination<'_>], column: usize, name: &str) -> Option<CostOverValue> {
        let numbers = self.numbers(column).filter(|numbers| numbers.len() > 1)?;
        let measure = self.measure();
        let mut curves: Vec<ValueCurve> = Vec::new();
        for combination in combinations {
            let other_values = self.name_of(*combination, Some(column));
            let spread = combination.spread(|record| measure.of(record));
            let point = ValuePoint {
                value: self.values(*combination)[column].1.parse().unwrap_or(f64::NAN),
                costs: spread.map(|spread| [spread.low, spread.median, spread.high]),
                diverged: combination.diverged() > 0,
            };
            match curves.iter_mut().find(|curve| curve.name == other_values) {
                Some(curve) => curve.points.push(point),
                None => curves.push(ValueCurve { name: other_values, points: vec![point] }),
            }
        }
        curves
            .iter_mut()
            .for_each(|curve| curve.points.sort_by(|a, b| a.value.total_cmp(&b.value)));

        let others: Vec<usize> = (0..self.value_names().len()).filter(|other| *other != column).collect();
        let ordered = matches!(others[..], [other] if self.numbers(other).is_some()) && !numbers.is_empty();
        Some(CostOverValue {
            title: format!("Cost over {name}{}", self.title_end(false)),
            value: name.into(),
            cost: self.cost_name().into(),
            curves,
            ordered,
        })
    }

    /// The names of the keys without the seed.
    pub(super) fn value_names(&self) -> &[String] {
        let seeds = self.config.sweep.as_ref().is_some_and(|sweep| sweep.seeds.is_some());
        &self.names[..self.names.len() - usize::from(seeds)]
    }

    /// The different values of a key, if all are numbers.
    fn numbers(&self, column: usize) -> Option<Vec<f64>> {
        let mut numbers = Vec::new();
        for run in &self.runs {
            let number: f64 = run.values[column].parse().ok()?;
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        Some(numbers)
    }

    /// The values of a combination as a name, without one of its keys.
    pub(super) fn name_of(&self, combination: Combination<'_>, without: Option<usize>) -> String {
        let values = self.values(combination).into_iter().enumerate();
        let named = values.filter(|(column, _)| Some(*column) != without);
        let named: Vec<String> = named.map(|(_, (name, value))| format!("{name} = {value}")).collect();
        named.join(", ")
    }

    pub(super) fn cost_name(&self) -> &'static str {
        match self.measure() {
            Measure::ValidationCost => "validation cost",
            Measure::TrainingCost => "cost",
        }
    }

    fn by_keys(&self) -> String {
        match self.value_names() {
            [] => String::new(),
            names => format!(" by {}", names.join(" and ")),
        }
    }

    /// The updates, if they are the same for all runs, and the number of seeds.
    fn title_end(&self, is_median: bool) -> String {
        let updates = self.first().config.train.updates;
        let same = self.runs.iter().all(|run| run.config.train.updates == updates);
        let updates = if same {
            format!(", {} updates", grouped(updates.get()))
        } else {
            String::new()
        };
        let seeds = match (self.has_seeds(), is_median) {
            (false, _) => String::new(),
            (true, true) => format!(", median cost of {} seeds", self.seeds),
            (true, false) => format!(", {} seeds", self.seeds),
        };
        updates + &seeds
    }
}
