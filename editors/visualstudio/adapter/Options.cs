// The page in Tools › Options. Only what is set is handed over: the rest is that of config.toml.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.VisualStudio.Shell;
using Nextline.Protocol;

namespace Nextline.VisualStudio
{
    /// <summary>Whether something happens; by <c>config.toml</c> where nothing is said.</summary>
    public enum Switch
    {
        /// <summary>As the file says.</summary>
        AsConfigured,
        /// <summary>It does.</summary>
        On,
        /// <summary>It does not.</summary>
        Off,
    }

    /// <summary>When ghost text comes.</summary>
    public enum Mode
    {
        /// <summary>As the file says.</summary>
        AsConfigured,
        /// <summary>Whenever there is some.</summary>
        Eager,
        /// <summary>Only what is sure.</summary>
        Subtle,
        /// <summary>Only when it is asked for.</summary>
        Manual,
    }

    /// <summary>How long ghost text may be.</summary>
    public enum Multiline
    {
        /// <summary>As the file says.</summary>
        AsConfigured,
        /// <summary>By the syntax around the cursor.</summary>
        Auto,
        /// <summary>One line.</summary>
        Never,
        /// <summary>As long as the model likes.</summary>
        Always,
    }

    /// <summary>What the person sets in Visual Studio.</summary>
    [Guid("b1f4a3c2-5d0f-4f57-8a10-7a5b6a1d9e21")]
    public sealed class Options : DialogPage
    {
        /// <summary>They were changed.</summary>
        public event Action Changed;

        [Category("Agent"), DisplayName("Path"), Description("The agent's program. Empty: the one in this extension, else nextline.exe on the path. Read when the agent is started.")]
        public string AgentPath { get; set; } = "";

        [Category("Ghost text"), DisplayName("Enabled"), Description(Config.CompletionEnabled)]
        public Switch Completion { get; set; }

        [Category("Ghost text"), DisplayName("Mode"), Description(Config.CompletionMode)]
        public Mode Mode { get; set; }

        [Category("Ghost text"), DisplayName("Several lines"), Description(Config.CompletionMultiline)]
        public Multiline Multiline { get; set; }

        [Category("Routes"), DisplayName("Ghost text"), Description(Config.CompletionRoute + ": \"" + Client.Local + "\", the embedded model, or the name of a route in config.toml")]
        public string CompletionRoute { get; set; } = "";

        [Category("Routes"), DisplayName("Edits"), Description(Config.EditRoute + ": the name of a route in config.toml")]
        public string EditRoute { get; set; } = "";

        [Category("Routes"), DisplayName("Chat"), Description(Config.ChatRoute + ": the name of a route in config.toml")]
        public string ChatRoute { get; set; } = "";

        /// <summary>By section and key, as <c>config.toml</c> has them.</summary>
        internal Dictionary<string, object> Settings()
        {
            var all = new Dictionary<string, object>();
            Put(all, Config.CompletionEnabled, Completion == Switch.AsConfigured ? null : (object)(Completion == Switch.On));
            Put(all, Config.CompletionMode, Mode == Mode.AsConfigured ? null : Mode.ToString().ToLowerInvariant());
            Put(all, Config.CompletionMultiline, Multiline == Multiline.AsConfigured ? null : Multiline.ToString().ToLowerInvariant());
            Put(all, Config.CompletionRoute, CompletionRoute);
            Put(all, Config.EditRoute, EditRoute);
            Put(all, Config.ChatRoute, ChatRoute);
            return all;
        }

        /// <summary>The person said OK.</summary>
        protected override void OnApply(PageApplyEventArgs e)
        {
            base.OnApply(e);
            Changed?.Invoke();
        }

        private static void Put(Dictionary<string, object> all, string setting, object value)
        {
            if (value == null || value as string == "")
            {
                return;
            }
            var parts = setting.Split('.');
            if (!all.TryGetValue(parts[0], out var keys))
            {
                all[parts[0]] = keys = new Dictionary<string, object>();
            }
            ((Dictionary<string, object>)keys)[parts[1]] = value;
        }
    }
}
