//! Where programs differ without being wrong: the place of the factor 1/m, that of the weight decay, and the
//! derivative at the kink of relu.

use super::quantity::Quantity;

/// Where programs differ without being wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Convention {
    /// dZ2 has the factor 1/m, and dW2 and db2 do not divide.
    pub mean_in_dz2: bool,
    /// dZ1 has the factor 1/m, and dW1 and db1 do not divide.
    pub mean_in_dz1: bool,
    /// No gradient has the factor 1/m, and the update divides: `W - learning_rate / m * dW`. Weight decay in such a gradient has the
    /// factor m.
    pub mean_in_update: bool,
    /// dW has no weight decay, and the update adds it: `W - learning_rate * (dW + weight_decay * W)`.
    pub decays_in_update: bool,
    /// The derivative of relu where Z1 is 0.
    pub kink: Kink,
}

/// The derivative that a program takes at the kink of relu. There is none, and libraries take different ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kink {
    /// That of `Z1 > 0`, and of relu in Burn, PyTorch and JAX.
    #[default]
    Zero,
    /// That of `jnp.maximum(Z1, 0)` and `torch.maximum`.
    Half,
    /// That of `Z1 >= 0`.
    One,
}

impl Kink {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Zero, Self::Half, Self::One];

    /// The derivative.
    pub fn derivative(self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Half => 0.5,
            Self::One => 1.0,
        }
    }
}

impl Convention {
    /// Whether the line of a quantity divides by m.
    pub fn divides(self, quantity: Quantity) -> bool {
        match quantity {
            Quantity::DZ2 => self.mean_in_dz2,
            Quantity::DW2 | Quantity::DB2 => !self.mean_in_dz2 && !self.mean_in_update,
            Quantity::DZ1 => self.mean_in_dz1 && !self.mean_in_dz2,
            Quantity::DW1 | Quantity::DB1 => !self.mean_in_dz1 && !self.mean_in_update,
            Quantity::W1 | Quantity::B1 | Quantity::W2 | Quantity::B2 => self.mean_in_update,
            _ => false,
        }
    }

    /// Whether dZ1 is computed from A2 - Y, although dZ2 has the factor 1/m.
    pub fn drops_mean_in_dz1(self) -> bool {
        self.mean_in_dz2 && !self.mean_in_dz1
    }
}
