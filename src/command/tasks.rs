//! The long-lived tasks of the daemon. One that ends is started anew, and health tells of it; where that does
//! not help, the daemon ends, and its service manager starts it anew (T112).

use crate::app::Desk;
use std::collections::HashMap;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::task::{Id, JoinSet};

/// A task that ended is started anew after this.
const ANEW: Duration = Duration::from_secs(1);
/// It counts as disturbed for so long.
const DISTURBED: Duration = Duration::from_secs(60);
/// So many ends within [`COUNTED`] are not mended by another start.
const ENDS_MAX: usize = 5;
const COUNTED: Duration = Duration::from_secs(3_600);

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A task, and how it is begun; `None`: it cannot be begun a second time.
struct Task {
    name: String,
    begin: Option<Box<dyn Fn() -> Work + Send>>,
}

/// All tasks of a daemon.
pub struct Tasks {
    desk: Desk,
    running: JoinSet<()>,
    tasks: Vec<Task>,
    ids: HashMap<Id, usize>,
    /// When one ended, the newest last.
    ends: Vec<Instant>,
    /// How long after its end one is started anew.
    anew: Duration,
    /// Those that ended lately, and when they count as well again.
    disturbed: HashMap<usize, Instant>,
}

impl Tasks {
    /// None so far.
    pub fn new(desk: Desk) -> Self {
        Self {
            desk,
            running: JoinSet::new(),
            tasks: Vec::new(),
            ids: HashMap::new(),
            ends: Vec::new(),
            anew: ANEW,
            disturbed: HashMap::new(),
        }
    }

    /// Begins a task that is begun anew where it ends.
    pub fn lasting<F>(&mut self, name: &str, begin: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let begin: Box<dyn Fn() -> Work + Send> = Box::new(move || Box::pin(begin()));
        let work = begin();
        self.tasks.push(Task { name: name.to_owned(), begin: Some(begin) });
        self.start(self.tasks.len() - 1, work);
    }

    /// Begins a task whose end is the end of the daemon.
    pub fn single(&mut self, name: &str, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(Task { name: name.to_owned(), begin: None });
        self.start(self.tasks.len() - 1, Box::pin(work));
    }

    fn start(&mut self, index: usize, work: Work) {
        let id = self.running.spawn(work).id();
        self.ids.insert(id, index);
    }

    /// Watches them, until the daemon has to end since one of them did.
    pub async fn watch(&mut self) {
        loop {
            tokio::select! {
                Some(ended) = self.running.join_next_with_id() => {
                    let (id, why) = match ended {
                        Ok((id, ())) => (id, "it ended".to_owned()),
                        Err(e) => (e.id(), e.to_string()),
                    };
                    let Some(index) = self.ids.remove(&id) else { continue };
                    if !self.ended(index, &why).await {
                        return;
                    }
                }
                () = tokio::time::sleep(ANEW) => self.well_again(),
            }
        }
    }

    /// A task ended. False: the daemon has to end.
    async fn ended(&mut self, index: usize, why: &str) -> bool {
        let name = self.tasks[index].name.clone();
        tracing::error!("the task {name} ended (a bug): {why}");
        self.tell(index, false, "it ended unexpectedly (a bug) and was started anew; see the log");
        self.ends.retain(|at| at.elapsed() < COUNTED);
        self.ends.push(Instant::now());
        if self.tasks[index].begin.is_none() || self.ends.len() >= ENDS_MAX {
            tracing::error!("the daemon ends, so that it is started anew as a whole");
            return false;
        }
        tokio::time::sleep(self.anew).await;
        self.disturbed.insert(index, Instant::now() + DISTURBED);
        if let Some(work) = self.tasks[index].begin.as_ref().map(|begin| begin()) {
            self.start(index, work);
        }
        true
    }

    fn well_again(&mut self) {
        let now = Instant::now();
        let well: Vec<usize> = self.disturbed.iter().filter(|(_, at)| **at <= now).map(|(i, _)| *i).collect();
        for index in well {
            self.disturbed.remove(&index);
            self.tell(index, true, "it runs");
        }
    }

    fn tell(&self, index: usize, good: bool, detail: &str) {
        self.desk.condition().set(&format!("task:{}", self.tasks[index].name), good, detail);
    }

    /// Waits until all of them ended, which were told to.
    pub async fn end(&mut self) {
        while self.running.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn good(desk: &Desk, part: &str) -> Option<bool> {
        desk.condition().parts().iter().find(|h| h.part == part).map(|h| h.good)
    }

    /// T112: a task that panics runs again at once, and health knows of it.
    #[tokio::test]
    async fn t112_a_task_that_ends_is_started_anew() {
        let desk = Desk::empty().expect("a desk");
        let mut tasks = Tasks::new(desk.clone());
        let starts = Arc::new(AtomicUsize::new(0));
        let counted = starts.clone();
        tasks.lasting("sender", move || {
            let n = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                match n {
                    0 => panic!("a bug in a library"),
                    1 => {}
                    _ => std::future::pending().await,
                }
            }
        });
        tasks.anew = Duration::ZERO;
        tokio::select! {
            () = tasks.watch() => panic!("the daemon goes on"),
            () = async { while starts.load(Ordering::Relaxed) < 3 { tokio::task::yield_now().await } } => {}
        }
        assert_eq!(good(&desk, "task:sender"), Some(false));
    }

    /// T112: where starting anew does not help, or cannot be done, the daemon ends.
    #[tokio::test]
    async fn t112_a_task_that_keeps_ending_ends_the_daemon() {
        let desk = Desk::empty().expect("a desk");
        let mut tasks = Tasks::new(desk.clone());
        tasks.anew = Duration::ZERO;
        tasks.lasting("sender", || async { panic!("a bug") });
        tasks.watch().await;
        let mut tasks = Tasks::new(desk.clone());
        tasks.single("web", async { panic!("a bug") });
        tasks.watch().await;
        assert_eq!(good(&desk, "task:web"), Some(false));
    }
}
