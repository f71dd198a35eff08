//! A scalar function sampled on a grid over a rectangle of the plane.

/// The rectangle of the plane that a picture shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// The left and the right edge.
    pub x: [f64; 2],
    /// The bottom and the top edge.
    pub y: [f64; 2],
}

/// The values of a function at the nodes of a square grid over a window, and the level along which a line is drawn.
///
/// The outer nodes of the grid lie on the edges of the window.
#[derive(Clone, Debug)]
pub struct ScalarField {
    window: Window,
    /// Nodes along each edge.
    side: usize,
    /// Row by row from the bottom, `[side * side]`.
    values: Vec<f64>,
    level: f64,
}

impl Window {
    /// The bounding box of the points, with a margin of a twelfth of its size on each side.
    ///
    /// # Shapes
    /// `points` is `[m, 2]` row by row.
    pub fn around(points: &[f64]) -> Self {
        let edges = |axis: usize| {
            let values = || points.iter().skip(axis).step_by(2).copied();
            let low = values().fold(f64::INFINITY, f64::min);
            let high = values().fold(f64::NEG_INFINITY, f64::max);
            // The window needs a positive size, even if all points share a coordinate.
            let margin = if high > low { (high - low) / 12.0 } else { low.abs().max(1.0) / 12.0 };
            [low - margin, high + margin]
        };
        Self { x: edges(0), y: edges(1) }
    }

    /// The nodes of a grid with `side` nodes along each edge, row by row from the bottom: `[side * side, 2]`.
    pub fn nodes(&self, side: usize) -> Vec<f64> {
        let coordinate = |[low, high]: [f64; 2], i: usize| low + (high - low) * i as f64 / (side - 1) as f64;
        (0..side * side)
            .flat_map(|i| [coordinate(self.x, i % side), coordinate(self.y, i / side)])
            .collect()
    }
}

impl ScalarField {
    /// Combines a window, the values at its nodes in the order of [`Window::nodes`], and the level of the line.
    ///
    /// # Panics
    /// When the values do not form a square grid of at least 2 x 2 nodes.
    pub fn new(window: Window, values: Vec<f64>, level: f64) -> Self {
        let side = values.len().isqrt();
        assert!(side >= 2 && side * side == values.len(), "a field has at least 2 x 2 nodes in a square");
        Self { window, side, values, level }
    }

    /// The rectangle that the field covers.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The level along which a line is drawn.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// The value at a position, by bilinear interpolation between the nodes.
    ///
    /// `x` and `y` are fractions of the window's width and height, from 0 at its left and bottom edge to 1.
    pub(super) fn value_at(&self, x: f64, y: f64) -> f64 {
        let ((column, x_offset), (row, y_offset)) = (self.locate(x), self.locate(y));
        let lower = lerp(self.node(row, column), self.node(row, column + 1), x_offset);
        let upper = lerp(self.node(row + 1, column), self.node(row + 1, column + 1), x_offset);
        lerp(lower, upper, y_offset)
    }

    /// The values along a row of the window, at the positions of `columns`, which [`Self::locate`] found.
    ///
    /// `y` is a fraction of the window's height, from 0 at its bottom edge to 1.
    pub(super) fn row_at(&self, y: f64, columns: &[(usize, f64)]) -> Vec<f64> {
        let (row, offset) = self.locate(y);
        let nodes = |row: usize| &self.values[row * self.side..(row + 1) * self.side];
        let nodes = nodes(row).iter().zip(nodes(row + 1));
        let along: Vec<f64> = nodes.map(|(&lower, &upper)| lerp(lower, upper, offset)).collect();
        columns
            .iter()
            .map(|&(node, offset)| lerp(along[node], along[node + 1], offset))
            .collect()
    }

    /// The columns of grid cells, within a band of rows, in which values lie on both sides of the level.
    ///
    /// `y` are the edges of the band as fractions of the window's height, in any order.
    pub(super) fn columns_that_cross_level(&self, y: [f64; 2]) -> CrossedColumns {
        let [a, b] = y.map(|edge| self.locate(edge).0);
        let rows = a.min(b)..=a.max(b) + 1;
        let above = |column: usize| {
            let mut nodes = rows.clone().map(|row| self.node(row, column) > self.level);
            let first = nodes.next() == Some(true);
            nodes.all(|above| above == first).then_some(first)
        };
        let nodes: Vec<Option<bool>> = (0..self.side).map(above).collect();
        let crossed = nodes.windows(2).map(|pair| pair[0].is_none() || pair[0] != pair[1]);
        CrossedColumns { crossed: crossed.collect() }
    }

    /// The grid cell that contains a position along an edge, as the index of its first node, and the offset within the cell
    /// from 0 to 1.
    pub(super) fn locate(&self, fraction: f64) -> (usize, f64) {
        let position = fraction.clamp(0.0, 1.0) * (self.side - 1) as f64;
        let node = (position as usize).min(self.side - 2);
        (node, position - node as f64)
    }

    fn node(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.side + column]
    }
}

/// The columns of cells of a field in which its line may pass, within a band of rows.
pub(super) struct CrossedColumns {
    crossed: Vec<bool>,
}

impl CrossedColumns {
    /// Whether the line may pass between two positions, which are fractions of the window's width in increasing order.
    pub(super) fn touch(&self, x: [f64; 2]) -> bool {
        let last = self.crossed.len() - 1;
        let [first, end] = x.map(|edge| ((edge.clamp(0.0, 1.0) * self.crossed.len() as f64) as usize).min(last));
        self.crossed[first..=end].contains(&true)
    }
}

/// Linear interpolation from `a` at 0 to `b` at 1.
fn lerp(a: f64, b: f64, fraction: f64) -> f64 {
    a + (b - a) * fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { x: [-2.0, 2.0], y: [-1.0, 3.0] };

    fn field(side: usize, f: impl Fn(f64, f64) -> f64) -> ScalarField {
        let values = WINDOW.nodes(side).chunks_exact(2).map(|node| f(node[0], node[1])).collect();
        ScalarField::new(WINDOW, values, 0.0)
    }

    #[test]
    fn the_window_contains_the_points_and_a_margin() {
        let window = Window::around(&[0.0, 5.0, 12.0, 5.0]);
        assert_eq!(window.x, [-1.0, 13.0]);
        assert!(window.y[0] < 5.0 && window.y[1] > 5.0);
    }

    #[test]
    fn a_rectangle_may_cross_the_level_if_the_nodes_around_it_lie_on_both_sides() {
        // Above 0 to the right of x = 0.5, between the nodes at 0 and at 1.
        let rightwards = field(5, |x, _| x - 0.5);
        // The same in the direction of y, above y = 1.5.
        let upwards = field(5, |_, y| y - 1.5);
        let all = [0.0, 1.0];
        for (part, expected) in [([0.0, 0.49], false), ([0.3, 0.5], true), ([0.6, 0.7], true), ([0.76, 1.0], false)] {
            assert_eq!(rightwards.columns_that_cross_level(all).touch(part), expected, "{part:?}");
            assert_eq!(upwards.columns_that_cross_level([part[1], part[0]]).touch(all), expected, "{part:?}");
        }
    }

    #[test]
    fn interpolation_is_exact_for_a_bilinear_function() {
        let f = |x: f64, y: f64| 3.0 + x - 2.0 * y + 0.5 * x * y;
        let field = field(5, f);
        for (across, up) in [(0.0, 0.0), (1.0, 1.0), (0.25, 0.5), (0.33, 0.91)] {
            let (x, y) = (-2.0 + 4.0 * across, -1.0 + 4.0 * up);
            // A few roundings of numbers below 10.
            assert!((field.value_at(across, up) - f(x, y)).abs() < 1e-14);
            assert!((field.row_at(up, &[field.locate(across)])[0] - f(x, y)).abs() < 1e-14);
        }
    }
}
