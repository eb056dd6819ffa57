//! What every handler needs: the desk, asked on a blocking thread, and the settings of the pages.

use super::cookie::CookieStyle;
use super::downloads::Downloads;
use super::frame::Frame;
use super::refusal::{self, Refusal};
use crate::app::{Desk, Trouble};
use crate::config::Config;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Questions that the desk answers at a time; more wait, and give up with their request.
const QUESTIONS_MAX: usize = 32;

/// Pages with many words that are made at a time.
const LARGE_PAGES_MAX: usize = 8;

/// The desk behind the pages. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    config: Arc<Config>,
    desk: Desk,
    cookie: CookieStyle,
    frame: Frame,
    room: Arc<Semaphore>,
    large_pages: Arc<Semaphore>,
    downloads: Downloads,
}

impl Site {
    /// The pages of this desk.
    pub fn new(config: Arc<Config>, desk: Desk) -> Self {
        let cookie = CookieStyle {
            secure: config.desk.url.scheme() == "https",
            max_age_secs: u64::from(config.retention.sessions) * 86_400,
        };
        let frame = Frame::new(&config);
        let [room, large_pages] =
            [QUESTIONS_MAX, LARGE_PAGES_MAX].map(|places| Arc::new(Semaphore::new(places)));
        let downloads = Downloads::new();
        Self(Arc::new(Inner { config, desk, cookie, frame, room, large_pages, downloads }))
    }

    /// The configuration of the desk.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// How the session cookie is written.
    pub fn cookie(&self) -> &CookieStyle {
        &self.0.cookie
    }

    /// What every page shows around its content.
    pub fn frame(&self) -> &Frame {
        &self.0.frame
    }

    /// The files that are under way.
    pub fn downloads(&self) -> &Downloads {
        &self.0.downloads
    }

    /// Asks the desk on a blocking thread.
    pub async fn ask<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Desk) -> Result<T, Trouble> + Send + 'static,
    {
        let place = self.place().await;
        let desk = self.0.desk.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // The thread holds the place, not the request, which may give up earlier.
            let _place = place;
            question(&desk)
        });
        match answer.await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(refusal::BROKEN),
        }
    }

    /// Hands the desk some work and does not wait for it (T66).
    pub async fn hand_over(&self, work: impl FnOnce(&Desk) + Send + 'static) {
        let place = self.place().await;
        let desk = self.0.desk.clone();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&desk);
        });
    }

    async fn place(&self) -> OwnedSemaphorePermit {
        let room = self.0.room.clone();
        room.acquire_owned().await.expect("it is never closed")
    }

    /// A place for a page with many words. It is held until the page is made.
    pub async fn place_for_a_large_page(&self) -> OwnedSemaphorePermit {
        self.0.large_pages.clone().acquire_owned().await.expect("it is never closed")
    }

    /// A hidden value of a page (T63, T69).
    pub fn page_seal(&self, purpose: &str, value: &str) -> String {
        self.0.desk.visitors().page_seal(purpose, value)
    }
}
