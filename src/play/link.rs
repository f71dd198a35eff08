//! The end of a page's address: `#s=...`, the state, then `&update=...` and `&lesson=...`, the place in it. Each may be missing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::state::State;
use crate::data::text::one_line;

/// What the end of an address holds. A token is not kept: it is of the server that printed it.
#[derive(Debug, Default)]
pub struct Link {
    /// The state of the page.
    pub state: Option<State>,
    /// The id of the lesson that is open.
    pub lesson: Option<String>,
    /// The place on the axis of time.
    pub update: Option<usize>,
}

impl Link {
    /// The part of a text from `#` on, if the text is a link: a whole address, or its end.
    pub fn fragment_of(text: &str) -> Option<&str> {
        let is_address = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        match text.find('#') {
            Some(0) => Some(text),
            Some(place) if is_address => Some(&text[place..]),
            None if is_address => Some(""),
            _ => None,
        }
    }

    /// Reads the end of an address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(fragment: &str) -> Result<Self, String> {
        let mut link = Self::default();
        for pair in fragment.trim_start_matches('#').split('&') {
            match pair.split_once('=') {
                Some(("s", encoded)) => link.state = Some(state_of(encoded)?),
                Some(("lesson", id)) => link.lesson = Some(id.into()),
                Some(("update", update)) => {
                    let number = update.parse();
                    let message = || format!("update={}: must be a whole number >= 0", one_line(update));
                    link.update = Some(number.map_err(|_| message())?);
                }
                Some(("token", _)) => {}
                _ => {
                    let pair = one_line(pair);
                    return Err(format!(
                        "{pair:?}: a link has s=..., lesson=... and update=... after its #, joined by &"
                    ));
                }
            }
        }
        match link {
            Self { state: None, lesson: None, .. } => {
                Err("the link has no state, s=..., and no lesson, lesson=...".into())
            }
            link => Ok(link),
        }
    }
}

/// The state in base64url.
fn state_of(encoded: &str) -> Result<State, String> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('='));
    let bytes = bytes.map_err(|_| "s=...: is not base64url; is the link cut off?".to_owned())?;
    State::from_json(&bytes).map_err(|refusal| format!("s=...: {}; is the link cut off?", refusal.message))
}
