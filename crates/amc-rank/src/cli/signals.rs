//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// 128 and the number of the signal, as a shell reports it.
pub const INTERRUPTED: u8 = 130;

/// A flag that the first Ctrl-C sets. The second one ends the program.
pub fn interrupted() -> std::io::Result<Arc<AtomicBool>> {
    let heard = Arc::new(AtomicBool::new(false));
    flag::register_conditional_shutdown(SIGINT, INTERRUPTED.into(), Arc::clone(&heard))?;
    flag::register(SIGINT, Arc::clone(&heard))?;
    Ok(heard)
}
