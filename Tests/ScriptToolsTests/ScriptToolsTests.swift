import ScriptTools
import Testing

@Suite("Script tools")
struct ScriptToolsTests {}
