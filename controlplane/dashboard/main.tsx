// What a browser loads: the program of the dashboard. It speaks HTTP with the node that served it, and nothing else.
import { render } from 'preact';
import { App } from './app/app.tsx';
import { applyTheme } from './app/theme.ts';
import { setCredentials } from './server/request.ts';
import { holderOfCookie, lookAgain, session } from './server/session.ts';

applyTheme();
setCredentials({
  csrfToken: () => session.value?.csrfToken,
  onUnauthorised: () => void lookAgain().catch(() => undefined), // the next poll fails as well, and says so
  holderOfCookie,
});
render(<App />, document.getElementById('app') ?? document.body);
