//! The chapters of the tour, one file each, in the order of the README.

mod agent;
mod authorization;
mod cleanup;
mod monitoring;
mod plans;
mod reports;
mod resources;
mod tenants;
mod usage;
mod users;

/// The chapters, in the order of the README.
pub(crate) const CHAPTERS: &[Chapter] = &[
    authorization::CHAPTER,
    tenants::CHAPTER,
    users::CHAPTER,
    usage::CHAPTER,
    reports::CHAPTER,
    agent::CHAPTER,
    resources::CHAPTER,
    plans::CHAPTER,
    monitoring::CHAPTER,
    cleanup::CHAPTER,
];

/// A part of the tutorial that can be gone through by itself.
#[derive(Debug)]
pub(crate) struct Chapter {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) title: &'static str,
    /// What it teaches.
    pub(crate) story: &'static str,
    /// Whether its examples work with the token for one customer. If not, the token of an earlier chapter has to go.
    pub(crate) customer_token: bool,
    /// What is run.
    pub(crate) steps: &'static [Step],
}

/// One step: a binary, why it is run, and what is typed into it.
#[derive(Debug)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) title: &'static str,
    /// Why, and what to look at.
    pub(crate) story: &'static str,
    /// The package of the binary.
    pub(crate) package: &'static str,
    /// The binary.
    pub(crate) binary: &'static str,
    /// The answers to its questions, in their order.
    pub(crate) answers: &'static [Answer],
    /// The binaries that must have run before.
    pub(crate) needs: &'static [&'static str],
    /// What it sets going in the sandbox, `the machine registers`, is awaited before the next step; "" where nothing is.
    pub(crate) then: &'static str,
}

/// What is typed at a prompt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// The administrator's login, as the sandbox told it.
    AdminLogin,
    /// The administrator's password, as the sandbox told it. It is typed, but not shown.
    AdminPassword,
    /// A text.
    Text(&'static str),
}

impl Chapter {
    /// What must have been run before this chapter, in the order of the tutorial.
    pub(crate) fn before(&self) -> Vec<&'static Step> {
        let mut needed: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = self
            .steps
            .iter()
            .flat_map(|step| step.needs)
            .copied()
            .collect();
        while let Some(binary) = open.pop() {
            if needed.contains(&binary) {
                continue;
            }
            needed.push(binary);
            let steps = all().filter(|step| step.binary == binary);
            open.extend(steps.flat_map(|step| step.needs));
        }
        let own = |step: &Step| self.steps.iter().any(|own| own.binary == step.binary);
        all()
            .filter(|step| needed.contains(&step.binary) && !own(step))
            .collect()
    }
}

/// All steps, in the order of the tutorial.
pub(crate) fn all() -> impl Iterator<Item = &'static Step> {
    CHAPTERS.iter().flat_map(|chapter| chapter.steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_needs_comes_before_it() {
        let mut done = Vec::new();
        for step in all() {
            for needed in step.needs {
                assert!(done.contains(needed), "{} needs {needed}", step.binary);
            }
            done.push(step.binary);
        }
    }

    #[test]
    fn a_chapter_is_found_by_its_name_alone() {
        let mut names: Vec<_> = CHAPTERS.iter().map(|chapter| chapter.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHAPTERS.len());
    }
}
