//! The capturing groups of a pattern, and which references to them are allowed.

use crate::pattern::node::Width;

/// The groups that have been opened so far.
#[derive(Debug, Default)]
pub(super) struct Groups {
    groups: Vec<Group>,
    /// The number of groups that were opened before the current look-behind.
    before_look_behind: Option<usize>,
    /// The largest number in a conditional. Its group may come later.
    greatest_condition: usize,
}

#[derive(Debug)]
struct Group {
    name: Option<String>,
    /// `None` while the group is open.
    width: Option<Width>,
}

impl Groups {
    /// Opens a group and returns its number.
    pub fn open(&mut self, name: Option<String>) -> Result<usize, String> {
        if let Some(name) = &name
            && self.find(name).is_some()
        {
            return Err(format!("redefinition of group name '{name}'"));
        }
        self.groups.push(Group { name, width: None });
        Ok(self.groups.len())
    }

    pub fn close(&mut self, number: usize, width: Width) {
        if let Some(group) = number.checked_sub(1).and_then(|at| self.groups.get_mut(at)) {
            group.width = Some(width);
        }
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        let is_it = |group: &Group| group.name.as_deref() == Some(name);
        self.groups.iter().position(is_it).map(|at| at + 1)
    }

    /// The width of a group that a backreference names.
    pub fn referred(&self, number: usize) -> Result<Width, String> {
        let group = number.checked_sub(1).and_then(|at| self.groups.get(at));
        let group = group.ok_or_else(|| format!("invalid group reference {number}"))?;
        let width = group.width.ok_or(OPEN)?;
        self.check_look_behind(number)?;
        Ok(width)
    }

    /// Checks the group that a conditional names.
    pub fn condition(&mut self, number: usize) -> Result<(), String> {
        self.greatest_condition = self.greatest_condition.max(number);
        self.check_look_behind(number)
    }

    /// A look-behind cannot refer to a group inside it.
    fn check_look_behind(&self, number: usize) -> Result<(), String> {
        let Some(before) = self.before_look_behind else { return Ok(()) };
        let group = number.checked_sub(1).and_then(|at| self.groups.get(at));
        if group.is_none_or(|group| group.width.is_none()) {
            return Err(OPEN.into());
        }
        if number > before {
            return Err("cannot refer to group defined in the same lookbehind subpattern".into());
        }
        Ok(())
    }

    /// Begins a look-behind. Returns what [`end_look_behind`](Self::end_look_behind) needs.
    pub fn begin_look_behind(&mut self) -> Option<usize> {
        let outer = self.before_look_behind;
        self.before_look_behind = outer.or(Some(self.groups.len()));
        outer
    }

    pub fn end_look_behind(&mut self, outer: Option<usize>) {
        self.before_look_behind = outer;
    }

    /// Checks what can be known only at the end of the pattern.
    pub fn check(&self) -> Result<(), String> {
        if self.greatest_condition > self.groups.len() {
            return Err(format!("invalid group reference {}", self.greatest_condition));
        }
        if self.groups.len() > 1 {
            return Err(MORE_THAN_ONE.into());
        }
        Ok(())
    }
}

const OPEN: &str = "cannot refer to an open group";

/// scikit-learn's message.
const MORE_THAN_ONE: &str = "More than 1 capturing group in token pattern. Only a single group should be captured.";
