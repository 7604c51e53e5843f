import Bytes
import ModuleKit
import SIPTransaction

extension Transactions {
    /// The timers that a transaction begins with: of the script for this one, else of the parameters; seconds in
    /// `fr_timer_avp` and `fr_inv_timer_avp` go before both.
    func initialTimers(
        _ route: RouteContext, _ intent: TransactionIntent?, _ configuration: ConfigurationSnapshot?
    ) -> TransactionTimers {
        var timers = intent?.timers ?? self.settings.timers(configuration)
        self.applyVariables(route, to: &timers)
        return timers
    }

    /// Takes times over that the script has put into variables.
    func applyVariables(_ route: RouteContext, to timers: inout TransactionTimers) {
        if let seconds = self.seconds(self.finalResponseVariable, route) { timers.finalResponse = seconds }
        if let seconds = self.seconds(self.finalInviteVariable, route) { timers.inviteFinalResponse = seconds }
    }

    private func seconds(_ variable: VariableReference?, _ route: RouteContext) -> Interval? {
        guard let variable, let seconds = route.int(variable.read(in: route)), (1...86_400).contains(seconds) else {
            return nil
        }
        return .milliseconds(seconds * 1000)
    }

    /// Changes the timers of the transaction of `route`, or of the one that is going to be.
    func changeTimers(_ route: RouteContext, _ change: (inout TransactionTimers) -> Void) {
        let intent = route.transactionIntent
        var timers = intent.timers ?? self.settings.timers(route.configuration)
        change(&timers)
        intent.timers = timers
        _ = self.table.withTransaction(route.transactionID) { change(&$0.timers) }
    }
}
