//! A function sampled on a grid over a part of the plane.
//!
//! Leaves out: drawing.

/// The part of the plane that a picture shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// From left to right.
    pub x: [f64; 2],
    /// From bottom to top.
    pub y: [f64; 2],
}

/// A function's values at the nodes of a square grid over a window, edges included, and the level that parts them.
#[derive(Clone, Debug)]
pub struct Field {
    window: Window,
    side: usize,
    values: Vec<f64>,
    level: f64,
}

impl Window {
    /// The smallest window that holds all points, with a twelfth of its size added on each side.
    ///
    /// # Shapes
    /// `points` is `[m, 2]` row by row.
    pub fn around(points: &[f64]) -> Self {
        let span = |axis: usize| {
            let values = || points.iter().skip(axis).step_by(2).copied();
            let low = values().fold(f64::INFINITY, f64::min);
            let high = values().fold(f64::NEG_INFINITY, f64::max);
            // Points that share a coordinate still need a window with some width.
            let margin = if high > low { (high - low) / 12.0 } else { low.abs().max(1.0) / 12.0 };
            [low - margin, high + margin]
        };
        Self { x: span(0), y: span(1) }
    }

    /// The nodes of a grid with `side` nodes along each edge, row by row from the bottom: `[side * side, 2]`.
    pub fn nodes(&self, side: usize) -> Vec<f64> {
        let along = |[low, high]: [f64; 2], i: usize| low + (high - low) * i as f64 / (side - 1) as f64;
        (0..side * side)
            .flat_map(|i| [along(self.x, i % side), along(self.y, i / side)])
            .collect()
    }
}

impl Field {
    /// Joins a window, the values at its nodes, in the order of [`Window::nodes`], and the level along which a line is
    /// drawn.
    ///
    /// # Panics
    /// When the values are not those of a square grid of at least 2 x 2 nodes.
    pub fn new(window: Window, values: Vec<f64>, level: f64) -> Self {
        let side = values.len().isqrt();
        assert!(side >= 2 && side * side == values.len(), "a field has at least 2 x 2 nodes in a square");
        Self { window, side, values, level }
    }

    /// The part of the plane that the field covers.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The level along which a line is drawn.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// The value at a place given as fractions of the window's width and height, between nodes bilinearly.
    pub fn at(&self, across: f64, up: f64) -> f64 {
        let ((column, right), (row, above)) = (self.place(across), self.place(up));
        let lower = mix(self.node(row, column), self.node(row, column + 1), right);
        let upper = mix(self.node(row + 1, column), self.node(row + 1, column + 1), right);
        mix(lower, upper, above)
    }

    /// Whether the level may lie in a part of the window, given by its edges as fractions, in any order. Where all nodes around it lie on one
    /// side, so does every value between them.
    pub fn may_cross(&self, across: [f64; 2], up: [f64; 2]) -> bool {
        let nodes = |edges: [f64; 2]| {
            let [one, other] = edges.map(|edge| self.place(edge).0);
            one.min(other)..=one.max(other) + 1
        };
        let above = |row: usize, column: usize| self.node(row, column) > self.level;
        let (rows, columns) = (nodes(up), nodes(across));
        let first = above(*rows.start(), *columns.start());
        rows.into_iter()
            .any(|row| columns.clone().any(|column| above(row, column) != first))
    }

    /// The node at or before a place along an edge (never the last one), and the distance from it in steps of the grid.
    fn place(&self, fraction: f64) -> (usize, f64) {
        let position = fraction.clamp(0.0, 1.0) * (self.side - 1) as f64;
        let node = (position as usize).min(self.side - 2);
        (node, position - node as f64)
    }

    fn node(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.side + column]
    }
}

/// From `a` at share 0 to `b` at share 1.
fn mix(a: f64, b: f64, share: f64) -> f64 {
    a + (b - a) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { x: [-2.0, 2.0], y: [-1.0, 3.0] };

    fn field(side: usize, f: impl Fn(f64, f64) -> f64) -> Field {
        let values = WINDOW.nodes(side).chunks_exact(2).map(|node| f(node[0], node[1])).collect();
        Field::new(WINDOW, values, 0.0)
    }

    #[test]
    fn the_window_holds_the_points_and_a_margin() {
        let window = Window::around(&[0.0, 5.0, 12.0, 5.0]);
        assert_eq!(window.x, [-1.0, 13.0]);
        assert!(window.y[0] < 5.0 && window.y[1] > 5.0);
    }

    #[test]
    fn where_the_level_may_lie_is_told_from_the_nodes_around() {
        // Above 0 to the right of x = 0.5, between the nodes at 0 and at 1.
        let field = field(5, |x, _| x - 0.5);
        let all = [0.0, 1.0];
        // The same upwards, from y = 1.5.
        let upwards = self::field(5, |_, y| y - 1.5);
        for (part, expected) in [([0.0, 0.49], false), ([0.3, 0.5], true), ([0.6, 0.7], true), ([0.76, 1.0], false)] {
            assert_eq!(field.may_cross(part, all), expected, "{part:?}");
            assert_eq!(upwards.may_cross([1.0, 0.0], [part[1], part[0]]), expected, "{part:?}");
        }
    }

    #[test]
    fn interpolation_is_exact_for_what_is_bilinear() {
        let f = |x: f64, y: f64| 3.0 + x - 2.0 * y + 0.5 * x * y;
        let field = field(5, f);
        for (across, up) in [(0.0, 0.0), (1.0, 1.0), (0.25, 0.5), (0.33, 0.91)] {
            let (x, y) = (-2.0 + 4.0 * across, -1.0 + 4.0 * up);
            // A few roundings of numbers below 10.
            assert!((field.at(across, up) - f(x, y)).abs() < 1e-14);
        }
    }
}
