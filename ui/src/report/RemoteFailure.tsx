/** Why the remote signature that is set up cannot be used now, and the login at its service where that is what is missing. */
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button } from '../design'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { Failure } from '../ipc/generated/Failure'

export function RemoteFailure({ failure }: { failure: Failure }) {
  const { t } = useTranslation('report')
  const client = useQueryClient()
  const { run, failure: refused, busy } = useAction()
  const logIn = () =>
    run(
      () => call('signing_log_in_remote'),
      () => client.invalidateQueries({ queryKey: ['report', 'report_signing_devices'] }),
    )
  return (
    <div className="stack" data-testid="remote-failure">
      <FailureBanner failure={refused ?? failure} />
      {failure.code === 'signing_service_login' ? (
        <div>
          <Button small icon="user" busy={busy} testId="remote-login" onPress={() => void logIn()}>
            {t(busy ? 'sign.loggingIn' : 'sign.logIn')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
