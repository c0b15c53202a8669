import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button } from '../design'
import { shortWhen } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { Opening } from './Conversation'
import { useShowCase } from './update'
import { useWithdraw } from './withdraw'

/** *Due versioni*: what was written here beside what stands at the region. Nothing goes over anything. */
export function Versions({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const show = useShowCase()
  const { run, failure, busy } = useAction()
  const { withdraw, failure: refused, busy: taking } = useWithdraw(view)
  const { versions } = view
  if (!versions) return null
  const { mine, last, owner, state } = versions
  return (
    <section className="versions" aria-label={t('versions.title')} data-testid="case-versions">
      {failure ? <FailureBanner failure={failure} /> : null}
      {refused ? <FailureBanner failure={refused} /> : null}
      <Banner boxed tone="warn" title={`${t('versions.title')}.`}>
        {t('versions.text')}
      </Banner>
      <div className="versions-two">
        <article data-testid="version-mine">
          <h3>
            {t('versions.mine')} <span className="mut t-xs">{shortWhen(mine.at)}</span>
          </h3>
          {mine.opening ? <Opening opening={mine.opening} /> : null}
          <p className="message-text">{mine.text}</p>
        </article>
        <article data-testid="version-region">
          <h3>
            {t('versions.region')} <span className="mut t-xs">{t(`states.${state}`)}</span>
          </h3>
          {owner ? <p>{t('versions.nowOwner', { name: owner })}</p> : null}
          {last ? (
            <>
              <p className="t-xs mut">{t('versions.lastWords', { author: last.author, at: shortWhen(last.at) })}</p>
              <p className="message-text">{last.opening?.what || last.text}</p>
            </>
          ) : null}
        </article>
      </div>
      <div className="line wrap">
        <span className="t-xs mut grow">{t('versions.hint')}</span>
        <Button busy={taking} testId="withdraw" onPress={withdraw}>
          {t('refused.withdraw')}
        </Button>
        <Button
          kind="primary"
          busy={busy}
          testId="send-as-note"
          onPress={() => run(() => call('teleconsult_resolve', { teleconsult_id: view.row.id }), show)}
        >
          {t('versions.sendNote')}
        </Button>
      </div>
    </section>
  )
}
