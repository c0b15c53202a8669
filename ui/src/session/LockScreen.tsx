import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Icon } from '../design'
import { clock, initials, personName } from '../i18n/format'
import { call } from '../ipc/call'
import type { SessionView } from '../ipc/generated/SessionView'
import { setSession, useView } from '../ipc/query'
import { SecretField, useUnlock } from './Login'
import { Shell } from './Shell'

/** Covers everything; sending goes on, and so does the call. */
export function LockScreen({ session }: { session: Extract<SessionView, { state: 'locked' }> }) {
  const { t } = useTranslation('session')
  const client = useQueryClient()
  const station = useView('station_state', [])
  const { secret, setSecret, failure, busy, submit } = useUnlock(session.person.id)
  const sending = station.data?.link.queued ?? 0
  const [leaving, setLeaving] = useState(false)
  const leave = async () => setSession(client, await call('session_leave'))
  const structure = station.data?.people.find(({ person }) => person.id === session.person.id)?.structure
  return (
    <Shell
      subtitle={structure ?? t('region')}
      aside={
        sending > 0 ? (
          <section className="sending" aria-label={t('sending', { count: sending })}>
            <div>
              <span className="c-off">
                <Icon name="upload" size="l" />
              </span>
              <div>
                <b className="t-md">{t('sending', { count: sending })}</b>
                <div className="t-xs mut">{t('sendingText')}</div>
              </div>
            </div>
          </section>
        ) : undefined
      }
      foot={
        <>
          <span>{t('nothingReadable')}</span>
          <span className="grow" />
          <span>{t('powerOff')}</span>
        </>
      }
    >
      <div className="middle" data-testid="lock-screen">
        <div className="middle-box">
          <form
            className="ps-card middle-card is-centred"
            onSubmit={(event) => {
              event.preventDefault()
              submit()
            }}
          >
            <i className="middle-face" aria-hidden="true">
              {initials(session.person)}
            </i>
            <h1>{personName(session.person)}</h1>
            <p className="mut" data-testid="lock-reason">
              {t(`lockedBy.${session.reason}`, { at: clock(session.since) })}
            </p>
            <div className="middle-form">
              {failure ? <FailureBanner failure={failure} /> : null}
              <SecretField kind={session.kind} value={secret} onChange={setSecret} />
              <p className="t-xs mut lock-note">{t('notCard')}</p>
              <Button
                kind="primary"
                block
                icon="unlocked"
                type="submit"
                busy={busy}
                disabled={secret.length < (session.kind === 'pin' ? 6 : 12)}
                testId="unlock-submit"
              >
                {t('unlock')}
              </Button>
              {leaving && sending > 0 ? (
                <Banner boxed tone="warn" urgent testId="leave-warning" title={t('leaveTitle', { count: sending })}>
                  {t('leaveText', { name: personName(session.person) })}
                  <span className="line wrap lock-leave">
                    <Button small testId="change-user-stay" onPress={() => setLeaving(false)}>
                      {t('stay')}
                    </Button>
                    <Button small testId="change-user-confirm" onPress={leave}>
                      {t('leaveAnyway')}
                    </Button>
                  </span>
                </Banner>
              ) : (
                <Button
                  block
                  icon="user"
                  testId="change-user"
                  onPress={() => (sending > 0 ? setLeaving(true) : leave())}
                >
                  {t('changeUser')}
                </Button>
              )}
            </div>
          </form>
          <p className="mut middle-note" data-testid={session.call_in_progress ? 'call-behind-lock' : undefined}>
            <Icon name={session.call_in_progress ? 'video' : 'check'} size="s" />
            {t(session.call_in_progress ? 'callGoesOn' : 'draftKept')}
          </p>
        </div>
      </div>
    </Shell>
  )
}
