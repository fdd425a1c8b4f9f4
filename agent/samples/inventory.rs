//! An inventory: what `nextline try` types when it is given no file.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub name: String,
    pub count: u32,
    pub price: f64,
}

#[derive(Debug, PartialEq)]
pub enum InventoryError {
    UnknownItem(String),
    NotEnough { name: String, wanted: u32, found: u32 },
}

impl fmt::Display for InventoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InventoryError::UnknownItem(name) => write!(f, "unknown item {name}"),
            InventoryError::NotEnough { name, wanted, found } => {
                write!(f, "{wanted} of {name} wanted, {found} found")
            }
        }
    }
}

#[derive(Debug, Default)]
pub struct Inventory {
    items: BTreeMap<String, Item>,
}

impl Inventory {
    pub fn new() -> Self {
        Inventory { items: BTreeMap::new() }
    }

    pub fn add(&mut self, name: &str, count: u32, price: f64) -> &Item {
        let item = self.items.entry(name.to_string()).or_insert_with(|| Item {
            name: name.to_string(),
            count: 0,
            price,
        });
        item.count += count;
        item.price = price;
        item
    }

    pub fn remove(&mut self, name: &str, count: u32) -> Result<&Item, InventoryError> {
        let item = self
            .items
            .get_mut(name)
            .ok_or_else(|| InventoryError::UnknownItem(name.to_string()))?;
        if item.count < count {
            return Err(InventoryError::NotEnough {
                name: name.to_string(),
                wanted: count,
                found: item.count,
            });
        }
        item.count -= count;
        Ok(item)
    }

    pub fn reprice(&mut self, name: &str, price: f64) -> Result<&Item, InventoryError> {
        let item = self
            .items
            .get_mut(name)
            .ok_or_else(|| InventoryError::UnknownItem(name.to_string()))?;
        item.price = price;
        Ok(item)
    }

    pub fn get(&self, name: &str) -> Result<&Item, InventoryError> {
        self.items
            .get(name)
            .ok_or_else(|| InventoryError::UnknownItem(name.to_string()))
    }

    pub fn total(&self) -> f64 {
        self.items.values().map(|item| item.price * f64::from(item.count)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_added() {
        let mut inventory = Inventory::new();
        inventory.add("bolt", 10, 0.25);
        inventory.add("nut", 5, 0.10);
        assert_eq!(inventory.get("bolt").unwrap().count, 10);
        assert_eq!(inventory.get("nut").unwrap().count, 5);
    }

    #[test]
    fn items_are_removed() {
        let mut inventory = Inventory::new();
        inventory.add("bolt", 10, 0.25);
        inventory.remove("bolt", 4).unwrap();
        assert_eq!(inventory.get("bolt").unwrap().count, 6);
    }

    #[test]
    fn unknown_items_are_refused() {
        let mut inventory = Inventory::new();
        assert_eq!(
            inventory.remove("bolt", 1),
            Err(InventoryError::UnknownItem("bolt".to_string()))
        );
    }

    #[test]
    fn no_more_is_removed_than_there_is() {
        let mut inventory = Inventory::new();
        inventory.add("bolt", 3, 0.25);
        assert_eq!(
            inventory.remove("bolt", 4),
            Err(InventoryError::NotEnough { name: "bolt".to_string(), wanted: 4, found: 3 })
        );
        assert_eq!(inventory.get("bolt").unwrap().count, 3);
    }

    #[test]
    fn prices_add_up() {
        let mut inventory = Inventory::new();
        inventory.add("bolt", 4, 0.25);
        inventory.add("nut", 10, 0.10);
        assert_eq!(inventory.total(), 2.0);
    }
}
