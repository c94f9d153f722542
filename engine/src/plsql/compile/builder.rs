//! The instructions of the subprogram that is being compiled.

use crate::plsql::code::{HandlerRange, Instruction};

/// A loop that EXIT and CONTINUE may name.
pub(super) struct Loop {
    pub(super) label: Option<String>,
    /// How many handlers run around it.
    pub(super) handler_depth: usize,
    /// Jumps to its end and to its next turn, whose targets are not known yet.
    pub(super) exits: Vec<usize>,
    pub(super) continues: Vec<usize>,
}

#[derive(Default)]
pub(super) struct Builder {
    pub(super) instructions: Vec<Instruction>,
    pub(super) lines: Vec<u32>,
    pub(super) handlers: Vec<HandlerRange>,
    pub(super) loops: Vec<Loop>,
    pub(super) handler_depth: usize,
    pub(super) slots: u16,
    /// It is a function, so that RETURN takes a value.
    pub(super) returns: Option<std::sync::Arc<crate::plsql::types::DataType>>,
    /// It fills a package's variables, so that declarations make no slots of its own.
    pub(super) is_package: bool,
}

impl Builder {
    pub(super) fn emit(&mut self, line: u32, instruction: Instruction) -> usize {
        self.instructions.push(instruction);
        self.lines.push(line);
        self.instructions.len() - 1
    }

    /// Where the next instruction will be.
    pub(super) fn here(&self) -> usize {
        self.instructions.len()
    }

    /// Lets a jump that was made before go to `target`.
    pub(super) fn aim(&mut self, jump: usize, target: usize) {
        match self.instructions.get_mut(jump) {
            Some(
                Instruction::Jump(to)
                | Instruction::JumpUnless(to)
                | Instruction::JumpIf(_, to)
                | Instruction::JumpIfSet(to)
                | Instruction::JumpIfGiven(_, to)
                | Instruction::Range { done: to, .. }
                | Instruction::NextRow { done: to, .. },
            ) => *to = target,
            _ => debug_assert!(false, "not a jump"),
        }
    }

    pub(super) fn aim_here(&mut self, jump: usize) {
        self.aim(jump, self.here());
    }

    pub(super) fn aim_all_here(&mut self, jumps: &[usize]) {
        for jump in jumps {
            self.aim_here(*jump);
        }
    }
}
