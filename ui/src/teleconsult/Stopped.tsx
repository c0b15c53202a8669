import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { Banner, Button } from '../design'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { Opening } from './Conversation'
import { useWithdraw } from './withdraw'

/** Reasons that have a sentence of their own; the others share one. */
const KNOWN = ['forbidden', 'gone', 'not_found', 'too_large', 'unsupported_type', 'content_lost'] as const

/** *Da correggere*: what the region refused, with why, and the way back to where it was typed. */
export function Stopped({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const { go } = useRoute()
  const { withdraw, failure, busy } = useWithdraw(view)
  if (!view.stopped) return null
  const { message, detail } = view.stopped
  const reason = KNOWN.find((known) => detail === `queue/${known}`)
  const what = message ? t(`kinds.${message.kind}`) : t('kinds.question')
  return (
    <section className="stopped" aria-label={t('queue.to_correct')} data-testid="case-stopped">
      {failure ? <FailureBanner failure={failure} /> : null}
      <Banner
        tone="danger"
        icon="queue"
        title={t('refused.title', { what })}
        action={
          <span className="line">
            <Button small testId="see-queue" onPress={() => go({ place: 'queue', id: view.row.id })}>
              {t('seeQueue')}
            </Button>
            <Button small kind="primary" busy={busy} testId="withdraw" onPress={withdraw}>
              {t('refused.withdraw')}
            </Button>
          </span>
        }
      >
        {t(`refused.${reason ?? 'other'}`)} {t(message ? 'refused.kept' : 'refused.keptRequest')}
      </Banner>
      {message ? (
        <div className="stopped-words">
          {message.opening ? <Opening opening={message.opening} /> : null}
          {message.text ? <p className="message-text">{message.text}</p> : null}
        </div>
      ) : null}
    </section>
  )
}
