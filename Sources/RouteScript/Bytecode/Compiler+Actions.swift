import Bytes
import ModuleKit

extension Compiler {
    /// Notes where a statement begins, for tracers. Calls and routes are noted where they happen, after what their
    /// arguments need.
    func mark(_ statement: Statement) {
        switch statement.kind {
        case .conditional: self.mark(.condition, "if")
        case .loop: self.mark(.loop, "while")
        case .selection: self.mark(.selection, "switch")
        case .assign(let node): self.mark(.assign, node.target.text)
        case .leave(.return, _): self.mark(.return, "return")
        case .leave(.exit, _): self.mark(.exit, "exit")
        case .leave(.drop, _): self.mark(.drop, "drop")
        case .leave(.break, _): self.mark(.break, "break")
        case .empty, .block, .call, .route, .invalid: break
        }
    }

    /// Notes that the next instruction begins an action.
    func mark(_ kind: ScriptAction.Kind, _ name: String, argumentCount: Int = 0) {
        self.draft.actions.append(
            Program.ActionEntry(
                start: Int32(self.here), kind: kind, argumentCount: UInt8(clamping: argumentCount), name: name))
    }
}
