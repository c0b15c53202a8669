import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Icon } from '../design'
import { personName } from '../i18n/format'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'
import type { SessionView } from '../ipc/generated/SessionView'
import { setSession } from '../ipc/query'
import { Shell } from './Shell'

export function ChooseRole({ session }: { session: Extract<SessionView, { state: 'needs_role' }> }) {
  const { t } = useTranslation(['session', 'frame'])
  const client = useQueryClient()
  const [busy, setBusy] = useState<string | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const choose = async (assignment_id: string) => {
    if (busy) return
    setBusy(assignment_id)
    setFailure(null)
    try {
      setSession(client, await call('session_choose_role', { assignment_id }))
    } catch (refusal) {
      setFailure(toFailure(refusal))
    } finally {
      setBusy(null)
    }
  }
  return (
    <Shell subtitle={t('region')} foot={<span>{personName(session.person)}</span>}>
      <div className="middle">
        <div className="middle-box is-wide stack" data-testid="choose-role">
          <div>
            <p className="cap">{personName(session.person)}</p>
            <h1>{t('roleTitle')}</h1>
            <p className="t-md mut">{t('roleText')}</p>
          </div>
          {failure ? <FailureBanner failure={failure} /> : null}
          <div className="login-ways">
            {session.assignments.map((assignment) => (
              <button
                key={assignment.id}
                type="button"
                className="login-way"
                data-testid={`role-${assignment.id}`}
                aria-busy={busy === assignment.id || undefined}
                onClick={() => void choose(assignment.id)}
              >
                <Icon name="card" size="l" />
                <span className="grow">
                  <b>{assignment.structure}</b>
                  <span className="t-xs mut">
                    {t(`frame:roles.${assignment.role}`)}
                    {assignment.speciality ? `, ${assignment.speciality}` : ''}
                  </span>
                </span>
                <Icon name="chevron-right" />
              </button>
            ))}
          </div>
          <div>
            <Button kind="quiet" icon="logout" onPress={async () => setSession(client, await call('session_leave'))}>
              {t('leave')}
            </Button>
          </div>
        </div>
      </div>
    </Shell>
  )
}
