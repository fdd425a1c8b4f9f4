// What the error list says of a file.
using System;
using System.Collections.Generic;
using EnvDTE;
using EnvDTE80;
using Microsoft.VisualStudio.Shell;
using Nextline.Protocol;
using Range = Nextline.Protocol.Range;

namespace Nextline.VisualStudio
{
    internal static class ErrorList
    {
        /// <summary>More than these help nobody.</summary>
        private const int Most = 50;

        /// <summary>On the main thread.</summary>
        internal static List<Diagnostic> Of(IServiceProvider services, string path)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            var found = new List<Diagnostic>();
            var items = ((DTE2)services.GetService(typeof(DTE)))?.ToolWindows.ErrorList.ErrorItems;
            for (var at = 1; items != null && at <= items.Count && found.Count < Most; at++)
            {
                var item = items.Item(at);
                if (!string.Equals(item.FileName, path, StringComparison.OrdinalIgnoreCase) || item.Line < 1)
                {
                    continue;
                }
                var place = new Position { Line = item.Line - 1, Character = Math.Max(0, item.Column - 1) };
                found.Add(new Diagnostic { Message = item.Description, Range = new Range { Start = place, End = place }, Severity = Severity(item.ErrorLevel) });
            }
            return found;
        }

        private static int Severity(vsBuildErrorLevel level)
        {
            return level == vsBuildErrorLevel.vsBuildErrorLevelHigh ? Severities.Error
                : level == vsBuildErrorLevel.vsBuildErrorLevelMedium ? Severities.Warning : Severities.Information;
        }
    }
}
