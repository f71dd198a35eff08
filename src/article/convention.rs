//! Where programs differ without being wrong: the place of the factor 1/m, and that of the weight decay.

use super::quantity::Quantity;

/// Where programs differ without being wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convention {
    /// dZ2 has the factor 1/m, and dW2 and db2 do not divide.
    pub mean_in_dz2: bool,
    /// dZ1 has the factor 1/m, and dW1 and db1 do not divide.
    pub mean_in_dz1: bool,
    /// dW has no weight decay, and the update adds it: `W - learning_rate * (dW + weight_decay * W)`.
    pub decays_in_update: bool,
}

impl Convention {
    /// Whether the line of a quantity divides by m.
    pub fn divides(self, quantity: Quantity) -> bool {
        match quantity {
            Quantity::DZ2 => self.mean_in_dz2,
            Quantity::DW2 | Quantity::DB2 => !self.mean_in_dz2,
            Quantity::DZ1 => self.mean_in_dz1 && !self.mean_in_dz2,
            Quantity::DW1 | Quantity::DB1 => !self.mean_in_dz1,
            _ => false,
        }
    }

    /// Whether dZ1 is computed from A2 - Y, although dZ2 has the factor 1/m.
    pub fn drops_mean_in_dz1(self) -> bool {
        self.mean_in_dz2 && !self.mean_in_dz1
    }
}
