import RouteScript
import Testing

@Suite("Explanations of diagnostics")
struct ExplanationTests {
    @Test func `every code is explained once`() {
        #expect(DiagnosticExplanation.all.map(\.code.id) == DiagnosticCode.all.map(\.id))
        #expect(Set(DiagnosticCode.all.map(\.id)).count == DiagnosticCode.all.count)
    }

    @Test(arguments: DiagnosticExplanation.all.filter { !$0.wrong.isEmpty }.map(\.code.id))
    func `the example of a code gets the code, and what stands beside it does not`(id: String) throws {
        let explanation = try #require(DiagnosticExplanation.all.first { $0.code.id == id })
        let wrong = Checked.codes(explanation.wrong, in: explanation.place)
        #expect(wrong.contains(id), "\(wrong)")
        let right = Checked.codes(explanation.right, in: explanation.place)
        #expect(right == [], "\(right)")
    }
}
