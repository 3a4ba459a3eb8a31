import { serveTabs } from '@millrace/browser-adapter/tabs';

serveTabs();
new BroadcastChannel(self.name).onmessage = () => {
  self.close();
};
