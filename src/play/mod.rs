//! The playground: a server on this machine whose page trains at every change of a setting.
//!
//! A page's state is a configuration, read by the same code as a file, so that its messages are those of the command line. Every
//! answer is computed from the request alone. No address of the server reads or writes a file.
//!
//! | address | answer |
//! | --- | --- |
//! | `GET /` | the page |
//! | `GET /start` | the state that the program was started with, and the lessons |
//! | `POST /train` | a training, streamed: a line of JSON for what is known before it, for frames, and for its end |
//! | `POST /table` | what is known about a table: its columns, the label that it may have, the findings of the doctor |
//! | `POST /gradients` | the gradient at given parameters: by hand, by autodiff, by central differences |
//! | `POST /file` | a file of the training: the model, the history, ... |
//!
//! All but the first need the token of the address that the program prints.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `settings` | the settings that a page may have |
//! | `state` | the state of a page |
//! | `link` | the end of a page's address |
//! | `lessons` | files that ask for a guess and then show a training; pages of them for a web site |
//! | `read` | files that a program reads before it serves |
//! | `start` | what a page begins with |
//! | `command` | the command line that trains the same network |
//! | `limits` | how much a request may ask for |
//! | `prepared` | a state that is ready to train |
//! | `training` | a training, streamed |
//! | `table` | what is known about a table |
//! | `gradients` | the gradient at given parameters |
//! | `file` | a file of a training |
//! | `guard` | which requests are answered |
//! | `refusal` | why a request is not answered |
//! | `answer` | answers |
//! | `routes` | from a request to its answer |
//! | `server` | connections |

mod answer;
mod command;
mod file;
mod gradients;
mod guard;
mod lessons;
mod limits;
mod link;
mod prepared;
mod read;
mod refusal;
mod routes;
mod server;
mod settings;
mod start;
mod state;
mod table;
mod training;

pub use command::Commands;
pub use file::ReportPage;
pub use lessons::{BUILT_IN, BuiltInLesson, Lesson, LessonRun, SitePage, built_in, site};
pub use link::Link;
pub use read::read_table;
pub use server::Server;
pub use settings::left_out;
pub use start::Start;
pub use state::{State, TableText};
