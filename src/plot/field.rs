//! A function sampled on a grid over a part of the plane, and its contour lines.
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

/// A function's values at the nodes of a square grid over a window, edges included.
#[derive(Clone, Debug)]
pub struct Field {
    window: Window,
    side: usize,
    values: Vec<f64>,
}

/// A straight piece of a contour line.
pub type Segment = [(f64, f64); 2];

impl Window {
    /// The smallest window that holds all points, with a twelfth of its size added on each side.
    ///
    /// # Shapes
    /// `points` is [m, 2] row by row.
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

    /// The nodes of a grid with `side` nodes along each edge, row by row from the bottom: [side * side, 2].
    pub fn nodes(&self, side: usize) -> Vec<f64> {
        let along = |[low, high]: [f64; 2], i: usize| low + (high - low) * i as f64 / (side - 1) as f64;
        (0..side * side).flat_map(|i| [along(self.x, i % side), along(self.y, i / side)]).collect()
    }
}

impl Field {
    /// Joins a window and the values at its nodes, in the order of [`Window::nodes`].
    ///
    /// # Panics
    /// When the values are not those of a square grid of at least 2 x 2 nodes.
    pub fn new(window: Window, values: Vec<f64>) -> Self {
        let side = values.len().isqrt();
        assert!(side >= 2 && side * side == values.len(), "a field has at least 2 x 2 nodes in a square");
        Self { window, side, values }
    }

    /// The part of the plane that the field covers.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The value at a place given as fractions of the window's width and height, between nodes bilinearly.
    pub fn at(&self, across: f64, up: f64) -> f64 {
        let place = |fraction: f64| {
            let position = fraction.clamp(0.0, 1.0) * (self.side - 1) as f64;
            let node = (position as usize).min(self.side - 2);
            (node, position - node as f64)
        };
        let ((column, right), (row, above)) = (place(across), place(up));
        let lower = mix(self.node(row, column), self.node(row, column + 1), right);
        let upper = mix(self.node(row + 1, column), self.node(row + 1, column + 1), right);
        mix(lower, upper, above)
    }

    /// The line where the field equals `level`, by marching squares (Lorensen and Cline, 1987, in two dimensions).
    ///
    /// A cell's edges are crossed where their ends lie on different sides of the level, at the point of linear
    /// interpolation. Four crossings are a saddle; the mean of the corners tells which of them belong together.
    pub fn contour(&self, level: f64) -> Vec<Segment> {
        let mut segments = Vec::new();
        for cell in 0..(self.side - 1) * (self.side - 1) {
            let (row, column) = (cell / (self.side - 1), cell % (self.side - 1));
            // Around the cell from the lower left corner, so that edge i runs from corner i to corner i + 1.
            let corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
            let heights = corners.map(|(row, column)| self.node(row, column) - level);
            let crossings: Vec<(f64, f64)> = (0..4)
                .filter(|&i| (heights[i] > 0.0) != (heights[(i + 1) % 4] > 0.0))
                .map(|i| self.between(corners[i], corners[(i + 1) % 4], heights[i], heights[(i + 1) % 4]))
                .collect();
            match crossings[..] {
                [a, b] => segments.push([a, b]),
                [bottom, right, top, left] => {
                    let joins_first_corner = (heights.iter().sum::<f64>() > 0.0) == (heights[0] > 0.0);
                    segments.extend(if joins_first_corner {
                        [[bottom, right], [top, left]]
                    } else {
                        [[left, bottom], [right, top]]
                    });
                }
                _ => {}
            }
        }
        segments
    }

    fn node(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.side + column]
    }

    /// The point between two neighbouring nodes at which the height passes zero.
    fn between(&self, from: (usize, usize), to: (usize, usize), low: f64, high: f64) -> (f64, f64) {
        let share = low / (low - high);
        let last = (self.side - 1) as f64;
        let along = |[start, end]: [f64; 2], a: usize, b: usize| {
            start + (end - start) * mix(a as f64, b as f64, share) / last
        };
        (along(self.window.x, from.1, to.1), along(self.window.y, from.0, to.0))
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
        Field::new(WINDOW, values)
    }

    #[test]
    fn the_window_holds_the_points_and_a_margin() {
        let window = Window::around(&[0.0, 5.0, 12.0, 5.0]);
        assert_eq!(window.x, [-1.0, 13.0]);
        assert!(window.y[0] < 5.0 && window.y[1] > 5.0);
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

    #[test]
    fn the_contour_of_a_cone_is_a_closed_circle() {
        let radius = |x: f64, y: f64| x.hypot(y - 1.0);
        let segments = field(201, radius).contour(1.5);
        let length: f64 = segments.iter().map(|[a, b]| (a.0 - b.0).hypot(a.1 - b.1)).sum();
        // Chords of cells of 0.02: the sagitta is 0.02^2 / (8 * 1.5) < 1e-4.
        assert!(segments.iter().flatten().all(|&(x, y)| (radius(x, y) - 1.5).abs() < 1e-4));
        assert!((length - 3.0 * std::f64::consts::PI).abs() < 1e-2, "{length}");
    }

    #[test]
    fn a_saddle_is_cut_on_the_side_of_its_middle() {
        let saddle = |corners: [f64; 4]| Field::new(WINDOW, corners.to_vec()).contour(0.0);
        // Lower left and upper right are high (1); the others are low: -3 makes the middle low, -0.5 high.
        let around_corner = |[a, b]: Segment, (x, y): (f64, f64)| {
            [a, b].iter().all(|&(px, py)| px == x || py == y)
        };
        let low_middle = saddle([1.0, -3.0, -3.0, 1.0]);
        assert!(around_corner(low_middle[0], (-2.0, -1.0)) && around_corner(low_middle[1], (2.0, 3.0)));
        let high_middle = saddle([1.0, -0.5, -0.5, 1.0]);
        assert!(around_corner(high_middle[0], (2.0, -1.0)) && around_corner(high_middle[1], (-2.0, 3.0)));
    }
}
