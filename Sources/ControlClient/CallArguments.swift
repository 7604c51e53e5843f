import Bytes
import ModuleKit

/// Words of a command line as parameters of a call.
public enum CallArguments {
    /// A word that looks like a number is sent as one; `s:` before a word keeps it a text.
    public static func value(_ word: String) -> RPCValue {
        if word.hasPrefix("s:") { return .string(String(word.dropFirst(2))) }
        if let number = Int(word) { return .int(number) }
        // Words that Swift would take for numbers (inf, nan, 0x1p3) are names more often.
        if word.contains("."), word.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 || $0 == 46 }),
            let number = Double(word)
        {
            return .double(number)
        }
        return .string(word)
    }
}
