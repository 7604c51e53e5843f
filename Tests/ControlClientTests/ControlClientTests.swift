import ControlClient
import Testing

@Suite("Control client")
struct ControlClientTests {}
